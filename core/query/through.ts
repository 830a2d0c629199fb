import { sharesFrom } from './rows.js';
import type { Sql } from './sql.js';
import type { PartRows, QueryEnv, Scoped } from './types.js';

/** The principals by which a way leads to the row of the alias, as JSON `[{type, id, title}]`: its owner, or whom it is shared with; else none. */
export function throughSql(sql: Sql, env: QueryEnv, scope: Scoped, rows: PartRows, alias: string): string {
  const principal = env.schema.entities.get('core.principal');
  const ids = idsSql(sql, env, scope, rows, alias);
  if (!principal || ids === null) return `'[]'::jsonb`;
  return `(select coalesce(jsonb_agg(jsonb_build_object('type', p.type, 'id', p.id, 'title', p.name) order by p.name), '[]') from ${principal.table} p where p.id in (${ids}))`;
}

function idsSql(sql: Sql, env: QueryEnv, scope: Scoped, rows: PartRows, alias: string): string | null {
  if (rows.by === 'owners') return `${alias}.owner_id`;
  if (rows.by !== 'shared') return null;
  const from = sharesFrom(env, rows.principals, rows.level, scope.entity.id, sql);
  return from && `select ${from.principal} ${from.text} and s.${from.record} = ${alias}.id`;
}
