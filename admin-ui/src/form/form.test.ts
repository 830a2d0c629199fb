import type { CatalogEntity, CatalogField, CatalogForm } from '../../../schemas/catalog.js';
import type { DraftStore } from './drafts.js';
import { draftKey, readDraft, writeDraft } from './drafts.js';
import { mapIssues } from './issues.js';
import { editableLayout, layoutOf } from './layout.js';
import { useForm } from './use-form.js';
import { checkField } from './validate.js';
import { changesBody, createBody, duplicateValues, initialValues, sameValue } from './values.js';

const field = (key: string, more: Partial<CatalogField> = {}): CatalogField => ({
  key,
  title: key,
  kind: 'text',
  widget: 'text',
  required: false,
  system: false,
  readOnly: false,
  unique: false,
  searchable: false,
  sortable: true,
  filterable: true,
  groupable: false,
  operators: [],
  aggregates: [],
  exprType: 'text',
  schema: { type: 'string' },
  ...more,
});
const entity = {
  id: 'a.b',
  title: 'B',
  titleField: 'name',
  ownership: 'principal',
  related: [],
  fields: [
    field('id', { system: true, readOnly: true }),
    field('name', { required: true, schema: { type: 'string', minLength: 1, maxLength: 5 } }),
    field('notes', { kind: 'longText' }),
    field('amount', { kind: 'money', currencyField: 'amountCurrency', schema: { type: 'number', minimum: 0 } }),
    field('amountCurrency', { kind: 'currency', system: true, readOnly: true }),
    field('code', { readOnly: true }),
    field('email', { kind: 'email', unique: true, schema: { type: 'string', pattern: '^[^@]+@[^@]+$' } }),
    field('people', { kind: 'links' }),
    field('company', { kind: 'link' }),
    field('stage', { kind: 'choice', default: 'new', schema: { enum: ['new', 'won'] } }),
    field('ownerId', { kind: 'link', system: true }),
  ],
} as unknown as CatalogEntity;
const sections = (form: Partial<CatalogForm>): CatalogForm =>
  ({ id: 'f', entity: 'a.b', title: 'F', sections: [], ...form }) as CatalogForm;
const keysOf = (layout: ReturnType<typeof layoutOf>): string[][] =>
  layout.map((section) => section.fields.map((place) => place.field.key));

describe('layout', () => {
  it('makes one section of everything where there is no form: title first, long texts last, currencies with their amount', () => {
    const keys = keysOf(layoutOf(entity, undefined))[0] ?? [];
    expect(keys[0]).toBe('name');
    expect(keys).not.toContain('amountCurrency');
    expect(keys).not.toContain('id');
    expect(keys.indexOf('notes')).toBeGreaterThan(keys.indexOf('stage'));
  });
  it('leaves out what the catalog does not show, and sections left empty', () => {
    const form = sections({
      sections: [
        { id: 's', title: 'S', columns: 2, fields: [{ field: 'name', span: 3 }, { field: 'secret' }] },
        { id: 'x', title: 'X', columns: 1, fields: [{ field: 'secret' }] },
      ],
    });
    expect(keysOf(layoutOf(entity, form))).toEqual([['name']]);
    expect(layoutOf(entity, form)[0]?.fields[0]?.span).toBe(2);
  });
  it('never edits read-only fields, and asks for required ones that a form forgot', () => {
    const form = sections({
      sections: [{ id: 's', title: 'S', columns: 2, fields: [{ field: 'code' }, { field: 'notes' }] }],
    });
    expect(keysOf(editableLayout(entity, form))).toEqual([['name'], ['notes']]);
  });
});

describe('values', () => {
  it('compares like people do', () => {
    expect([
      sameValue(null, ''),
      sameValue(undefined, []),
      sameValue({ a: 1 }, { a: 1, b: null }),
      sameValue([1, 2], [2, 1]),
      sameValue(0, null),
      sameValue(false, null),
    ]).toEqual([true, true, true, false, false, false]);
  });
  it('begins with defaults, overlaid by what is preset', () =>
    expect(initialValues(entity, { name: 'N' })).toEqual({ stage: 'new', name: 'N' }));
  it('creates with what is filled in and writable, the currency too', () => {
    expect(
      createBody(entity, {
        id: 'x',
        name: 'N',
        notes: '',
        code: 'C',
        amount: 5,
        amountCurrency: 'EUR',
        company: { id: 'c', title: 'C' },
      }),
    ).toEqual({ name: 'N', amount: 5, amountCurrency: 'EUR', company: 'c' });
  });
  it('patches only what changed; a cleared field is null', () => {
    const before = { name: 'N', notes: 'x', people: [{ id: 'a', title: 'A' }], company: { id: 'c', title: 'C' } };
    expect(
      changesBody(entity, before, { ...before, notes: '', people: [{ id: 'b', title: 'B' }], company: null }),
    ).toEqual({ notes: null, people: { add: [{ id: 'b' }], remove: ['a'] }, company: null });
    expect(changesBody(entity, before, { ...before })).toEqual({});
  });
  it('duplicates everything but what must be unique', () =>
    expect(duplicateValues(entity, { name: 'N', email: 'a@b.c', code: 'C', id: 'x' })).toEqual({ name: 'N' }));
});

describe('checks', () => {
  const [name, amount, email] = ['name', 'amount', 'email'].map((key) =>
    entity.fields.find((one) => one.key === key)!,
  ) as [CatalogField, CatalogField, CatalogField];
  it.each([
    [name, null, 'required'],
    [name, 'abcdef', 'too_long'],
    [amount, -1, 'too_small'],
    [amount, 'x', 'type'],
    [email, 'nope', 'email'],
    [email, 'a@b', undefined],
    [amount, null, undefined],
  ])('%#', (one, value, code) => expect(checkField(one, value)?.code).toBe(code));
  it('names the limit', () => expect(checkField(name, 'abcdef')?.params).toEqual({ limit: 5 }));
  it('puts the issues of the server to their fields', () => {
    const mapped = mapIssues(entity, [
      { path: '/name', code: 'field.unique' },
      { path: 'amountCurrency', code: 'field.currency' },
      { path: '/people/0/id', code: 'link.not_found' },
      { path: '', code: 'rule.broken' },
    ]);
    expect(Object.keys(mapped.fields)).toEqual(['name', 'amount', 'people']);
    expect(mapped.general).toHaveLength(1);
  });
});

describe('form state', () => {
  const form = () => useForm({ entity, record: { name: 'N', version: 3 }, shown: () => ['name', 'amount'] });
  it('is dirty while something differs, and not after it was put back', () => {
    const state = form();
    state.set('name', 'M');
    expect([state.isDirty.value, state.body(), state.draft()]).toEqual([true, { name: 'M' }, { name: 'M' }]);
    state.set('name', 'N');
    expect([state.isDirty.value, state.body()]).toEqual([false, {}]);
  });
  it('finds what is wrong, and forgets it once it is right', () => {
    const state = form();
    state.set('name', '');
    expect([state.checkAll(), state.issues.name?.code]).toEqual([false, 'required']);
    state.set('name', 'ok');
    expect([state.checkAll(), state.issues.name]).toEqual([true, undefined]);
  });
  it('shows a refusal without issues as a general one', () => {
    const state = form();
    state.refuse([], 'No.');
    expect(state.general.value).toEqual([{ code: 'server', message: 'No.' }]);
  });
});

describe('drafts', () => {
  const store = (): DraftStore & { all: Map<string, string> } => {
    const all = new Map<string, string>();
    return {
      all,
      getItem: (key) => all.get(key) ?? null,
      setItem: (key, value) => void all.set(key, value),
      removeItem: (key) => void all.delete(key),
    };
  };
  const now = new Date('2026-03-10T12:00:00Z');
  it('come back for two weeks', () => {
    const kept = store();
    writeDraft(kept, draftKey('u', 'a.b', null), {
      values: { name: 'x' },
      version: null,
      savedAt: '2026-03-01T00:00:00Z',
    });
    expect(readDraft(kept, draftKey('u', 'a.b', null), now)?.values).toEqual({ name: 'x' });
    expect(readDraft(kept, draftKey('other', 'a.b', null), now)).toBeNull();
    expect(readDraft(kept, draftKey('u', 'a.b', null), new Date('2026-04-10T12:00:00Z'))).toBeNull();
    expect(kept.all.size).toBe(0);
  });
  it('survive a browser that keeps nothing', () => {
    const broken: DraftStore = {
      getItem: () => '{no json',
      setItem: () => {
        throw new Error('full');
      },
      removeItem: () => undefined,
    };
    expect([readDraft(broken, 'k', now), writeDraft(broken, 'k', { values: {}, version: null, savedAt: '' })]).toEqual([
      null,
      false,
    ]);
  });
});
