import { draftOf, fieldChanges, newField, withKeyword } from './field-changes.js';

const entity = {
  required: ['name'],
  properties: { name: { title: 'Name', type: 'string', 'x-field': { kind: 'text', unique: true } } },
};

test('a new field is set as a whole and joins the required ones at their end', () => {
  const made = { ...newField('text'), key: 'x_note', required: true };
  expect(fieldChanges('a.b', null, made)).toEqual([
    { type: 'entity', id: 'a.b', op: 'set', at: '/properties/x_note', value: made.property },
    { type: 'entity', id: 'a.b', op: 'insert-before', at: '/required/x_note', value: 'x_note', before: null },
  ]);
});

test('a changed field is told keyword by keyword', () => {
  const before = draftOf(entity, 'name');
  const property = withKeyword(
    withKeyword(withKeyword(before.property, 'title', 'Firm'), 'x.unique', false),
    'maxLength',
    9,
  );
  expect(fieldChanges('a.b', before, { ...before, property, required: false })).toEqual([
    { type: 'entity', id: 'a.b', op: 'set', at: '/properties/name/title', value: 'Firm' },
    { type: 'entity', id: 'a.b', op: 'set', at: '/properties/name/maxLength', value: 9 },
    { type: 'entity', id: 'a.b', op: 'unset', at: '/properties/name/x-field/unique' },
    { type: 'entity', id: 'a.b', op: 'remove', at: '/required/name' },
  ]);
});

test('nothing changed is no operation', () => {
  const before = draftOf(entity, 'name');
  const there = withKeyword(before.property, 'title', 'Firm');
  expect(fieldChanges('a.b', before, { ...before, property: withKeyword(there, 'title', 'Name') })).toEqual([]);
});
