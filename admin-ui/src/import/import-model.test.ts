import type { ImportColumn } from '../api/imports.js';
import type { CatalogEntity, CatalogField } from '../../../schemas/catalog.js';
import {
  importTargets,
  keyFields,
  matchFields,
  percentDone,
  previewValue,
  problemAt,
  problemSummary,
  remap,
  stepOf,
} from './import-model.js';

const field = (key: string, more: Partial<CatalogField> = {}): CatalogField =>
  ({
    key,
    title: key,
    kind: 'text',
    system: false,
    readOnly: false,
    unique: false,
    exprType: 'text',
    schema: {},
    ...more,
  }) as CatalogField;
const entity = {
  titleField: 'name',
  fields: [
    field('id', { system: true }),
    field('version', { system: true }),
    field('name'),
    field('code', { unique: true }),
    field('full', { readOnly: true }),
    field('home', { exprType: 'object', schema: { properties: { city: {}, street: {} } } }),
    field('externalId', { system: true }),
  ],
} as unknown as CatalogEntity;
const mapping: ImportColumn[] = [
  { column: 'A', field: 'name', guessed: true },
  { column: 'B', field: 'code', matchBy: 'x' },
  { column: 'C', field: null },
];

it('offers what can be filled, parts of an address too, system fields last', () => {
  expect(importTargets(entity, (part) => part).map((target) => target.path)).toEqual([
    'name',
    'code',
    'home',
    'home.city',
    'home.street',
    'id',
    'externalId',
  ]);
});
it('gives a field to one column only', () => {
  expect(remap(mapping, 'C', { field: 'name' }).map((column) => column.field)).toEqual([null, 'code', 'name']);
  expect(remap(mapping, 'B', { field: null })[1]).toMatchObject({ field: null, matchBy: undefined, guessed: false });
  expect(remap(mapping, 'B', { matchBy: 'id' })[1]).toMatchObject({ field: 'code', matchBy: 'id' });
});
it('finds records by what is unique', () => {
  expect(matchFields(entity).map((one) => one.key)).toEqual(['id', 'name', 'code', 'externalId']);
  expect(keyFields(entity, mapping).map((one) => one.key)).toEqual(['code']);
});
it.each([
  ['ready', 'map'],
  ['running', 'run'],
  ['undoing', 'run'],
  ['done', 'result'],
  ['failed', 'result'],
  ['undone', 'result'],
] as const)('%s stands at %s', (status, step) => expect(stepOf({ status })).toBe(step));
it('is at 100 only when all rows are done', () =>
  expect([
    percentDone({ done: 999, total: 1000 }),
    percentDone({ done: 1000, total: 1000 }),
    percentDone({ done: 0, total: 0 }),
  ]).toEqual([99, 100, 0]));
it('marks the cell of a problem, errors before warnings', () => {
  const problems = [
    { column: 'A', code: 'w', message: 'w', severity: 'warning' as const },
    { field: 'name', code: 'e', message: 'e', severity: 'error' as const },
  ];
  expect(problemAt(problems, mapping[0]!)?.code).toBe('e');
  expect(problemAt(problems, mapping[2]!)).toBeUndefined();
});
it('says the same thing once, with how often', () => {
  const row = { problems: [{ column: 'A', code: 'x', message: 'X', severity: 'warning' as const }] };
  expect(
    problemSummary([row, row, { problems: [{ column: 'B', code: 'y', message: 'Y' }] }]).map((one) => [
      one.column,
      one.count,
    ]),
  ).toEqual([
    ['B', 1],
    ['A', 2],
  ]);
});
it('reads a part of a value', () =>
  expect([
    previewValue({ home: { city: 'X' } }, 'home.city'),
    previewValue({ home: null }, 'home.city'),
    previewValue({ name: 'N' }, 'name'),
  ]).toEqual(['X', undefined, 'N']));
