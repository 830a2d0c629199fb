import type { CatalogField } from '../../../schemas/catalog.js';
import { boardColumns, columnFilter, countsOf, moveCount } from './board-model.js';

const field = {
  key: 'status',
  options: [
    { value: 'new', title: 'New' },
    { value: 'old', title: 'Old', retired: true },
  ],
} as CatalogField;

it('shows options, retired ones and "without" only while they hold records', () => {
  const values = (counts: Map<string | null, number>) =>
    boardColumns(field, counts, 'Without').map((column) => column.value);
  expect(values(new Map())).toEqual(['new']);
  expect(
    values(
      new Map<string | null, number>([
        ['old', 1],
        [null, 2],
      ]),
    ),
  ).toEqual([null, 'new', 'old']);
});
it('asks for the blank ones by name', () =>
  expect([columnFilter('status', null), columnFilter('status', 'a"b')]).toEqual([
    'ISBLANK(status)',
    'status == "a\\"b"',
  ]));
it('reads counts', () =>
  expect([
    ...countsOf(
      [
        { status: 'new', count: 3 },
        { status: null, count: '2' },
      ],
      'status',
    ),
  ]).toEqual([
    ['new', 3],
    [null, 2],
  ]));
it('moves one, never below none', () =>
  expect([
    ...moveCount(
      new Map([
        ['a', 0],
        ['b', 1],
      ]),
      'a',
      'b',
    ),
  ]).toEqual([
    ['a', 0],
    ['b', 2],
  ]));
