import { freeId, moveField, patchSection, stepField } from './layout-model.js';
import type { LayoutSection } from './layout-model.js';

const section = (id: string, ...fields: string[]): LayoutSection => ({
  id,
  title: id,
  columns: 2,
  fields: fields.map((field) => ({ field })),
});
const shape = (sections: readonly LayoutSection[]): string =>
  sections.map((one) => `${one.id}:${one.fields.map(({ field }) => field).join('')}`).join(' ');
const start = [section('a', 'x', 'y'), section('b', 'z')];

test.each([
  ['y', 1, 'a:x b:yz'],
  ['y', -1, 'a:yx b:z'],
  ['x', 1, 'a:yx b:z'],
  ['z', -1, 'a:xyz b:'],
  ['x', -1, 'a:xy b:z'],
] as const)('a step of %s by %d', (field, by, expected) => {
  expect(shape(stepField(start, field, by))).toBe(expected);
});

test('a field moves into another section, before a field or out of the form', () => {
  expect(shape(moveField(start, 'x', { section: 'b', before: 'z' }))).toBe('a:y b:xz');
  expect(shape(moveField(start, 'new', { section: 'a' }))).toBe('a:xynew b:z');
  expect(shape(moveField(start, 'x', null))).toBe('a:y b:z');
});

test('an emptied property of a section is left out', () => {
  const [first] = patchSection(patchSection(start, 'a', { showWhen: 'x > 1' }), 'a', { showWhen: '' });
  expect(first).not.toHaveProperty('showWhen');
});

test('an id is free', () => {
  expect(freeId(['section-1', 'section-2'], 'section')).toBe('section-3');
});
