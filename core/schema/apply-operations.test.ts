import { applyOperations } from './apply-operations.js';
import type { Operation } from './operations.js';

const form = {
  title: 'F',
  sections: [
    { id: 'main', fields: [{ field: 'name' }, { field: 'phone' }, { field: 'fax' }] },
    { id: 'more', fields: [] },
  ],
};
const apply = (...operations: Operation[]) => applyOperations({ type: 'form', document: form, operations });
const mainFields = (document: Readonly<Record<string, unknown>>) =>
  (document as typeof form).sections[0].fields.map(({ field }) => field);

test('elements are inserted, moved and removed by their keys', () => {
  const { document, failed } = apply(
    { op: 'insert-before', at: '/sections/main/fields/email', value: { field: 'email' }, before: 'phone' },
    { op: 'move', at: '/sections/main/fields/name', before: null },
    { op: 'remove', at: '/sections/main/fields/fax' },
  );
  expect(failed).toEqual([]);
  expect(mainFields(document)).toEqual(['email', 'phone', 'name']);
});

test('the document that was given stays, and what is not touched is shared with it', () => {
  const text = JSON.stringify(form);
  const { document } = apply({ op: 'set', at: '/sections/main/fields/fax/span', value: 2 });
  expect(JSON.stringify(form)).toBe(text);
  expect((document as typeof form).sections[1]).toBe(form.sections[1]);
});

test('the value of an operation is never changed by a later one', () => {
  const value = { field: 'email' };
  apply(
    { op: 'insert-before', at: '/sections/main/fields/email', value, before: null },
    { op: 'set', at: '/sections/main/fields/email/span', value: 3 },
  );
  expect(value).toEqual({ field: 'email' });
});

test('an insertion makes the list that is missing', () => {
  const { document, failed } = apply({ op: 'insert-before', at: '/related/a', value: { key: 'a' }, before: null });
  expect([document.related, failed]).toEqual([[{ key: 'a' }], []]);
});

test('what is gone already need not be removed or unset', () => {
  const { document, failed } = apply({ op: 'remove', at: '/sections/main/fields/x' }, { op: 'unset', at: '/timeline' });
  expect([document, failed]).toEqual([form, []]);
});

test('an insertion whose anchor is gone is done at the end and told', () => {
  const { document, failed } = apply({
    op: 'insert-before',
    at: '/sections/main/fields/email',
    value: { field: 'email' },
    before: 'fxa',
  });
  expect(mainFields(document)).toEqual(['name', 'phone', 'fax', 'email']);
  expect(failed).toEqual([
    expect.objectContaining({
      code: 'change.anchor_missing',
      message: expect.stringContaining('Did you mean "fax"?') as string,
    }),
  ]);
});

test.each<[Operation, string]>([
  [{ op: 'set', at: '/header/status', value: 'x' }, 'change.path_missing'],
  [{ op: 'set', at: '/sections/side/title', value: 'x' }, 'change.path_missing'],
  [{ op: 'set', at: '/title/en', value: 'x' }, 'change.path_missing'],
  [{ op: 'set', at: '/sections/0/title', value: 'x' }, 'change.path_missing'],
  [{ op: 'move', at: '/sections/main/fields/x', before: null }, 'change.path_missing'],
  [{ op: 'move', at: '/sections/main/fields/fax', before: 'x' }, 'change.anchor_missing'],
  [{ op: 'insert-before', at: '/sections/more', value: { id: 'more' }, before: null }, 'change.key_exists'],
  [{ op: 'insert-before', at: '/sections/new', value: { id: 'other' }, before: null }, 'change.bad_value'],
  [{ op: 'set', at: '/sections/main', value: { id: 'other' } }, 'change.bad_value'],
  [{ op: 'set', at: '/sections/main/id', value: 'other' }, 'change.bad_operation'],
  [{ op: 'unset', at: '/sections/main/id' }, 'change.bad_operation'],
  [{ op: 'unset', at: '/sections/main' }, 'change.bad_operation'],
  [{ op: 'remove', at: '/title' }, 'change.bad_operation'],
  [{ op: 'remove', at: '' }, 'change.bad_operation'],
  [{ op: 'set', at: '', value: [] }, 'change.bad_value'],
  [{ op: 'set', at: '/__proto__/polluted', value: true }, 'change.bad_pointer'],
  [{ op: 'set', at: '/constructor/prototype/polluted', value: true }, 'change.bad_pointer'],
  [{ op: 'set', at: '/title', value: JSON.parse('{"__proto__":{"polluted":true}}') as unknown }, 'change.bad_value'],
  [{ op: 'set', at: '/a'.repeat(41), value: 1 }, 'change.bad_pointer'],
  [{ op: 'set', at: 'title', value: 1 }, 'change.bad_pointer'],
])('%j is refused with %s and changes nothing', (operation, code) => {
  const { document, failed } = apply(operation);
  expect(failed.map((fault) => fault.code)).toEqual([code]);
  expect(document).toEqual(form);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('a value nested deeper than a document may be is refused', () => {
  let value: unknown = 1;
  for (let i = 0; i < 60; i++) value = { value };
  expect(apply({ op: 'set', at: '/x', value }).failed.map(({ code }) => code)).toEqual(['change.bad_value']);
});

test('more operations than are allowed are left out and told', () => {
  const operations: Operation[] = Array.from({ length: 20_001 }, (_, i) => ({ op: 'set', at: '/order', value: i }));
  const { document, failed } = applyOperations({ type: 'form', document: form, operations });
  expect([document.order, failed.map(({ code }) => code)]).toEqual([19_999, ['change.too_many']]);
});
