import { sharesFrom } from './rows.js';
import type { Sql } from './sql.js';
import type { PartRows, QueryEnv, Scoped } from './types.js';

/** Ids of the principals by which a way leads to the row of the alias, as a JSON list: its owner, or whom it is shared with; else none. */
export function throughSql(sql: Sql, env: QueryEnv, scope: Scoped, rows: PartRows, alias: string): string {
  if (rows.by === 'owners') return `jsonb_build_array(${alias}.owner_id)`;
  const from = rows.by === 'shared' ? sharesFrom(env, rows.principals, rows.level, scope.entity.id, sql) : null;
  if (from === null) return `'[]'::jsonb`;
  return `to_jsonb(array(select ${from.principal} ${from.text} and s.${from.record} = ${alias}.id))`;
}
