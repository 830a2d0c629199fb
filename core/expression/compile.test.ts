import { checkExpression, compileSql, type ExprScope, type ExprType, type SqlEnv } from './index.js';

const members = new Map<string, ExprType>([
  ['name', { t: 'text' }],
  ['score', { t: 'number' }],
  ['flag', { t: 'boolean' }],
  ['closeDate', { t: 'date' }],
  ['createdAt', { t: 'dateTime' }],
  ['company', { t: 'record', entities: ['deal'] }],
  ['tags', { t: 'list', of: { t: 'text' } }],
]);
const scope: ExprScope = { entity: 'deal', members: () => members };
const id = '018f0000-0000-7000-8000-00000000000a';

function compiled(
  source: string,
  position: 'filter' | 'value',
  extra: Partial<SqlEnv> = {},
): { sql: string; values: unknown[] } {
  const values: unknown[] = [];
  const env: SqlEnv = {
    member: (path) => path.join('.'),
    param: (value, type) => `$${values.push(value)}::${type}`,
    now: new Date('2026-03-29T12:00:00Z'),
    zone: 'UTC',
    me: id,
    ...extra,
  };
  return { sql: compileSql(checkExpression(source, scope), env, { position }), values };
}

test.each([
  ['name == "x"', '(name = $1::text)', ['x']],
  ['name != "x"', '(name is distinct from $1::text)', ['x']],
  ['name == null', '(name is null)', []],
  ['name != null', '(name is not null)', []],
  ['name == company.name', '(name is not distinct from company.name)', []],
  ['score >= 50', '(score >= $1::bigint)', ['50']],
  ['score >= 0.5', '(score::numeric >= $1::numeric)', ['0.5']],
  ['score + 1 > 2', '((score::numeric + $1::numeric) > $2::numeric)', ['1', '2']],
  ['closeDate >= "2024-01-31"', '(closeDate >= $1::date)', ['2024-01-31']],
  ['closeDate >= ADD_DAYS(TODAY(), -30)', '(closeDate >= $1::date)', ['2026-02-27']],
  ['createdAt >= "2024-01-31"', '(createdAt >= $1::timestamptz)', ['2024-01-31T00:00:00.000Z']],
  ['flag', 'flag', []],
  ['!flag', '(flag is not true)', []],
  ['name == "x" && (flag || score < 3)', '((name = $1::text) and (flag or (score < $2::bigint)))', ['x', '3']],
  ['company == ME()', '(company = $1::uuid)', [id]],
  ['company == "no id"', 'false', []],
  ['company != "no id"', 'true', []],
  ['name in []', 'false', []],
  ['name in ["a", "b"]', '(name in ($1::text, $2::text))', ['a', 'b']],
  [
    'score in [1, 2, 3, 4, 5, 6, 7, 8, 9]',
    '(score in (select unnest($1::bigint[])))',
    [['1', '2', '3', '4', '5', '6', '7', '8', '9']],
  ],
  ['"vip" in tags', '(tags::text[] @> array[$1::text])', ['vip']],
  ['name.startsWith("50%_\\\\")', '(name like $1::text)', ['50\\%\\_\\\\%']],
  ['CONTAINS(name, "ÄB")', '(trellis.expr_fold(name) like $1::text)', ['%äb%']],
  ['name < "m"', '(name collate "C" < $1::text)', ['m']],
])('a filter stays plain: %s', (source, sql, values) => {
  expect(compiled(source, 'filter')).toEqual({ sql, values });
});

test.each([
  ['name == "x"', 'coalesce((name = $1::text), false)'],
  ['name == company.name', '(name is not distinct from company.name)'],
  ['ISBLANK(name)', "(name is null or name = '')"],
  ['(score > 1) == flag', 'coalesce((coalesce((score > $1::bigint), false) = flag), false)'],
  ['!(score > 1)', '((score > $1::bigint) is not true)'],
])('a value is two-valued: %s', (source, sql) => {
  expect(compiled(source, 'value').sql).toBe(sql);
});

test('the environment may add an indexable condition beside the exact one, and its own form for links', () => {
  const hints: Partial<SqlEnv> = {
    containsHint: (path, text) => `grams(${path.join('.')}, ${text})`,
    recordEquals: (path, param) => `indexed(${path.join('.')}, ${param()})`,
  };
  expect(compiled('name.contains("Ab")', 'filter', hints).sql).toBe('(grams(name, Ab) and (name like $1::text))');
  expect(compiled('CONTAINS(name, "Ab")', 'filter', hints).sql).toBe(
    '(grams(name, Ab) and (trellis.expr_fold(name) like $1::text))',
  );
  expect(compiled('CONTAINS(LOWER(name), "ab")', 'filter', hints).sql).not.toContain('grams');
  expect(compiled('name.startsWith("Ab")', 'filter', hints).sql).not.toContain('grams');
  expect(compiled(`company == "${id}"`, 'filter', hints)).toEqual({ sql: 'indexed(company, $1::uuid)', values: [id] });
  expect(compiled(`company in ["${id}", "x"]`, 'filter', hints).sql).toBe('(indexed(company, $1::uuid))');
});

test('no text of the source reaches the SQL', () => {
  const evil = "x'); drop table t; --";
  const { sql, values } = compiled(
    `name == "${evil}" || CONTAINS(name, "${evil}") || name in ["${evil}"] || LEFT(name, 2) == "${evil}"`,
    'filter',
  );
  expect(sql).not.toContain('drop');
  expect(values.every((value) => String(value).includes('drop'))).toBe(true);
});

test('nested calls do not multiply their text', () => {
  let source = 'name';
  for (let i = 0; i < 25; i++) source = `IF(CONTAINS(${source}, name), TRIM(name), LEFT(UPPER(name), 2 / 3))`;
  expect(compiled(`${source} == name`, 'value').sql.length).toBeLessThan(10_000);
});
