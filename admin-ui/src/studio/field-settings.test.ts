import { newField } from './field-changes.js';
import { isPlacedOn, kindGroups, lacksOf } from './field-settings.js';
import type { Json } from './document.js';

const begun = (kind: string): Json => newField(kind).property['x-field'] as Json;

it.each([
  ['choice', ['options']],
  ['link', ['to']],
  ['anyLink', ['toSeveral']],
  ['formula', ['expression']],
  ['lines', ['of']],
  ['rollup', ['of']],
  ['text', []],
  ['autoNumber', []],
])('a new %s lacks %j', (kind, lacking) => {
  expect(lacksOf(begun(kind))).toEqual(lacking);
});

it('lacks nothing once it is told', () => {
  expect(lacksOf({ kind: 'anyLink', to: '*' })).toEqual([]);
  expect(lacksOf({ kind: 'rollup', of: 'parts', fn: 'sum' })).toEqual(['field']);
  expect(lacksOf({ kind: 'choice', options: [{ value: 'a', title: ' ' }] })).toEqual(['options']);
});

it('every kind is put on the form, and in the list where its cell says something', () => {
  const kinds = kindGroups.flatMap((group) => group.kinds);
  expect(kinds.filter((kind) => !isPlacedOn('form', kind))).toEqual([]);
  expect(kinds.filter((kind) => !isPlacedOn('list', kind)).toSorted()).toEqual([
    'json',
    'lines',
    'longText',
    'richText',
    'secret',
  ]);
});
