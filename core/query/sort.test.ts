import { afterCursor, orderBy, type SortKey } from './sort.js';
import { Sql } from './sql.js';

const key = (name: string, descending: boolean, nullable: boolean): SortKey => ({
  sql: name,
  type: 'text',
  descending,
  nullable,
});

test('keys of one direction that are never null are compared as a row, which an index serves', () => {
  const sql = new Sql();
  expect(afterCursor(sql, [key('a', true, false), key('id', true, false)], ['x', 'y'])).toBe(
    '(a, id) < ($1::text, $2::text)',
  );
  expect(sql.values).toEqual(['x', 'y']);
});

test('ascending, nulls come last: after a value come larger ones and nulls', () => {
  const sql = new Sql();
  expect(afterCursor(sql, [key('a', false, true), key('id', false, false)], ['x', 'y'])).toBe(
    '((a > $1::text or a is null)) or (a = $1::text and id > $2::text)'.replace(/^/, '(').concat(')'),
  );
});

test('descending, nulls come first: after a null come all values', () => {
  const sql = new Sql();
  expect(afterCursor(sql, [key('a', true, true), key('id', false, false)], [null, 'y'])).toBe(
    '((a is not null) or (a is null and id > $1::text))',
  );
});

test('a descending first key bounds the walk, so that an index starts at the cursor', () => {
  const sql = new Sql();
  expect(afterCursor(sql, [key('a', true, true), key('id', false, false)], ['x', 'y'])).toBe(
    'a <= $1::text and ((a < $1::text) or (a = $1::text and id > $2::text))',
  );
});

test('order by names directions', () => {
  expect(orderBy([key('a', true, true), key('b', false, false)])).toBe('a desc, b');
});
