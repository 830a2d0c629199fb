import fc from 'fast-check';
import { definitionArbitrary } from '../../test/support/definition-arbitrary.js';
import { applyOperations } from './apply-operations.js';
import { diffDocument } from './diff-document.js';
import { longestRising } from './longest-rising.js';
import { definitionTypes } from './validate-definition.js';
import { seed } from '../../test/support/property-seed.js';

const numRuns = Number(process.env.TRELLIS_LAYER_RUNS ?? 40);
const diff = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  diffDocument({ type: 'view', before, after });

describe.each(definitionTypes)('of random documents of type %s', (type) => {
  const pair = fc.tuple(definitionArbitrary(type), definitionArbitrary(type));
  test('the difference, applied, makes the second of the first', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        const operations = diffDocument({ type, before, after });
        const text = JSON.stringify(before);
        const { document, failed } = applyOperations({ type, document: before, operations });
        expect(failed).toEqual([]);
        expect(document).toEqual(after);
        expect(JSON.stringify(before)).toBe(text);
      }),
      { numRuns, seed },
    );
  });
  test('there is none to itself, and key order changes nothing', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        expect(diffDocument({ type, before, after: turned(before) })).toEqual([]);
        expect(JSON.stringify(diffDocument({ type, before: turned(before), after: turned(after) }))).toBe(
          JSON.stringify(diffDocument({ type, before, after })),
        );
      }),
      { numRuns, seed },
    );
  });
});

/** The same JSON with the keys of its objects the other way round. */
function turned<T>(value: T): T {
  if (Array.isArray(value)) return value.map(turned) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, turned(inner) as unknown])
      .reverse(),
  ) as T;
}

test('one element that moved is one operation', () => {
  expect(diff({ sort: ['a', 'b', 'c', 'd'] }, { sort: ['d', 'a', 'b', 'c'] })).toEqual([
    { op: 'move', at: '/sort/d', before: 'a' },
  ]);
});

test('an element is named by its key, and only what differs inside is set', () => {
  const before = {
    options: [
      { value: 'a', title: 'A' },
      { value: 'b', title: 'B', color: 'red' },
    ],
  };
  const after = {
    options: [
      { value: 'c', title: 'C' },
      { value: 'b', title: 'B!' },
    ],
  };
  expect(diff(before, after)).toEqual([
    { op: 'remove', at: '/options/a' },
    { op: 'insert-before', at: '/options/c', value: { title: 'C', value: 'c' }, before: 'b' },
    { op: 'unset', at: '/options/b/color' },
    { op: 'set', at: '/options/b/title', value: 'B!' },
  ]);
});

test('field rules of a role are told apart by entity and field, totals of a view by field and function', () => {
  const rule = (entity: string, access: string) => ({ entity, field: 'name', access });
  expect(
    diff(
      { fields: [rule('a.b', 'none'), rule('a.c', 'none')] },
      { fields: [rule('a.b', 'none'), rule('a.c', 'read')] },
    ),
  ).toEqual([{ op: 'set', at: '/fields/a.c.name/access', value: 'read' }]);
  expect(
    diff(
      { totals: [{ field: 'n', fn: 'sum' }] },
      {
        totals: [
          { field: 'n', fn: 'sum' },
          { field: 'n', fn: 'avg' },
        ],
      },
    ),
  ).toEqual([{ op: 'insert-before', at: '/totals/n.avg', value: { field: 'n', fn: 'avg' }, before: null }]);
});

test('a list without keys is replaced as a whole', () => {
  expect(diff({ indexes: [['a']] }, { indexes: [['a'], ['b']] })).toEqual([
    { op: 'set', at: '/indexes', value: [['a'], ['b']] },
  ]);
});

test('as few elements move as can be', () => {
  expect(longestRising([3, 0, 1, 4, 2])).toEqual([0, 1, 2]);
  expect(longestRising([])).toEqual([]);
});
