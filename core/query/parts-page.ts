import { limitsSql, partSql } from './member.js';
import { mergedRows } from './rows.js';
import { orderBy, type SortKey } from './sort.js';
import type { Sql } from './sql.js';
import type { PartRows, QueryEnv, Scoped } from './types.js';
import { veiledKeys } from './visible.js';

/**
 * The ways by which rows of a scope come, where a statement may take each by itself: none where a restriction or a veil lies over them,
 * since then the rows are asked for as one.
 */
export function partsApart(env: QueryEnv, scope: Scoped): PartRows[] {
  const { rows } = scope;
  if (rows.kind !== 'some' || veiledKeys(scope).length > 0) return [];
  const parts = mergedRows(env, scope, rows.parts);
  return parts.length === 1 && rows.only.length > 0 ? [] : parts;
}

/** True where the text of the scope's condition is the same at every moment and for every reader's zone. */
export function isSteady({ rows }: Scoped): boolean {
  if (rows.kind !== 'some') return true;
  return rows.only.length === 0 && rows.parts.every(({ rows: { by } }) => by !== 'when' && by !== 'parent');
}

/**
 * A page of rows that come by several ways: the top of each, on whatever index serves it best, merged. An `or` over the ways would
 * read all that any index offers.
 */
export function pageOfParts(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  parts: readonly PartRows[],
  page: { conditions: readonly string[]; keys: readonly SortKey[]; limit: number },
): string {
  const { conditions, keys, limit } = page;
  const order = orderBy(keys);
  const limits = limitsSql(sql, env, scope, 't');
  const columns = keys.map((key, i) => `${key.sql} as k${i}`).join(', ');
  const merged = orderBy(keys.map((key, i) => ({ ...key, sql: `u.k${i}` })));
  const tops = parts.map((rows) => {
    const where = [...conditions, ...limits];
    if (rows.by === 'owners' && rows.principals.length > 1) {
      const top = `select t.id, ${columns} from ${scope.entity.source} t where t.owner_id = o.id and ${where.join(' and ')} order by ${order} limit ${limit}`;
      return `(select x.* from unnest(${sql.param(rows.principals, 'uuid[]')}) as o(id) cross join lateral (${top}) x)`;
    }
    where.push(partSql(sql, env, scope, rows, 't'));
    return `(select t.id, ${columns} from ${scope.entity.source} t where ${where.join(' and ')} order by ${order} limit ${limit})`;
  });
  // A row that comes by two ways has the same keys in both.
  const top = `select u.id from (${tops.join(' union ')}) u order by ${merged} limit ${limit}`;
  return `(select t.* from ${scope.entity.source} t where t.id in (${top}) order by ${order})`;
}

/** How many rows come by any of several ways, each counted once. */
export function countOfParts(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  parts: readonly PartRows[],
  conditions: readonly string[],
): string {
  const limits = limitsSql(sql, env, scope, 't');
  const ways = parts.map((rows) => {
    const where = [...conditions, ...limits, partSql(sql, env, scope, rows, 't')];
    return `select t.id from ${scope.entity.source} t where ${where.join(' and ')}`;
  });
  return `(select count(*) from (${ways.join(' union ')}) u)`;
}
