import { limitsSql, partSql, visibleSource } from './member.js';
import { isOwned, ownersTable } from './owned.js';
import { mergedRows } from './rows.js';
import { orderBy, type SortKey } from './sort.js';
import type { Sql } from './sql.js';
import type { PartRows, QueryEnv, Scoped } from './types.js';
import { isVeiled, veiledKeys } from './visible.js';

/**
 * The ways by which rows of a scope come, where a statement may take each by itself: none where a restriction lies over them, or a veil
 * over something that decides (`asked`: keys by which rows are sorted; null: rows are asked for by more), since then the rows are asked
 * for as one.
 */
export function partsApart(env: QueryEnv, scope: Scoped, asked: readonly string[] | null): PartRows[] {
  const { rows } = scope;
  if (rows.kind !== 'some') return [];
  const isUnderVeil = veiledKeys(scope).length > 0;
  if (isUnderVeil && (asked === null || asked.some((key) => !isOpen(scope, key)))) return [];
  const parts = mergedRows(env, scope, rows.parts);
  return parts.length === 1 && (isUnderVeil || rows.only.length > 0) ? [] : parts;
}

/** A column that every row of the scope shows. */
function isOpen(scope: Scoped, key: string): boolean {
  const field = scope.entity.fields.get(key);
  const isColumn = field !== undefined && field.kind.relation === undefined && !field.formula && !field.rollup;
  return isColumn && !isVeiled(scope, key);
}

/**
 * A page of rows that come by several ways: the top of each, on whatever index serves it best, merged. An `or` over the ways would
 * read all that any index offers. Those who own rows are one way: few of them are asked one by one, of many some row is soon met.
 */
export function pageOfParts(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  parts: readonly PartRows[],
  page: { conditions: readonly string[]; keys: readonly SortKey[]; limit: number },
): string {
  const { conditions, keys, limit } = page;
  const { source } = scope.entity;
  const order = orderBy(keys);
  const where = [...conditions, ...limitsSql(sql, env, scope, 't')].join(' and ');
  const columns = keys.map((key, i) => `${key.sql} as k${i}`).join(', ');
  const merged = (alias: string): string => orderBy(keys.map((key, i) => ({ ...key, sql: `${alias}.k${i}` })));
  const top = (condition: string): string =>
    `select t.id, ${columns} from ${source} t where ${condition} and ${where} order by ${order} limit ${limit}`;
  const tops = parts.filter((rows) => !isOwned(rows)).map((rows) => top(partSql(sql, env, scope, rows, 't')));
  const owned = parts.filter(isOwned);
  const owners = owned.length === 0 ? null : ownersTable(sql, env, owned);
  if (owners) {
    const each = `select x.* from ${owners.name} o cross join lateral (${top('t.owner_id = o.id')}) x`;
    tops.push(`${each} where ${owners.areFew} order by ${merged('x')} limit ${limit}`);
    tops.push(top(`${isOwnedBy('t', owners.name)} and ${owners.areMany}`));
  }
  // A row that comes by two ways has the same keys in both.
  const ids = `${owners ? `${owners.with} ` : ''}select u.id from (${tops.map((each) => `(${each})`).join(' union ')}) u order by ${merged('u')} limit ${limit}`;
  return `(select t.* from ${visibleSource(sql, env, scope)} t where t.id in (${ids}) order by ${order})`;
}

/** How many rows come by any of several ways, each counted once. */
export function countOfParts(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  parts: readonly PartRows[],
  conditions: readonly string[],
): string {
  const { source } = scope.entity;
  const where = [...conditions, ...limitsSql(sql, env, scope, 't')].join(' and ');
  const others = parts.filter((rows) => !isOwned(rows)).map((rows) => partSql(sql, env, scope, rows, 't'));
  const owned = parts.filter(isOwned);
  const owners = owned.length === 0 ? null : ownersTable(sql, env, owned);
  const ids = (conditioned: readonly string[]): string =>
    conditioned.map((condition) => `select t.id from ${source} t where ${condition} and ${where}`).join(' union ');
  if (!owners) return `(select count(*) from (${ids(others)}) u)`;
  const ofOwners = `t.owner_id in (select id from ${owners.name})`;
  const once = `(select count(*) from (${ids([ofOwners, ...others])}) u)`;
  // The rows of many owners are not kept in mind to find those that come by another way too: of these it is asked whose they are.
  const further = others.map((condition) => `${condition} and (${ofOwners}) is not true`);
  const apart = [`(select count(*) from ${source} t where ${ofOwners} and ${where})`];
  if (further.length > 0) apart.push(`(select count(*) from (${ids(further)}) u)`);
  return `(${owners.with} select case when ${owners.areFew} then ${once} else ${apart.join(' + ')} end)`;
}

/** Not plainly `in`, which would be made a join that begins with all rows of the owners. */
function isOwnedBy(alias: string, owners: string): string {
  return `(${alias}.owner_id in (select id from ${owners})) is true`;
}
