import type { Sql } from './sql.js';
import type { PartRows, QueryEnv } from './types.js';

/** Ways by which rows come through who owns them. */
export type OwnedRows = Extract<PartRows, { readonly by: 'owners' | 'reports' | 'holders' }>;

/** Owners up to so many are asked one by one for their newest; for more the list is walked in its order. */
const fewOwners = 200;

export function isOwned(rows: PartRows): rows is OwnedRows {
  return rows.by === 'owners' || rows.by === 'reports' || rows.by === 'holders';
}

/** Who owns rows that come by these ways: a common table of ids, and a condition that tells at the run whether they are few. */
export function ownersTable(
  sql: Sql,
  env: QueryEnv,
  ways: readonly OwnedRows[],
): { name: string; with: string; areFew: string; areMany: string } {
  const name = sql.alias();
  const ids = ways.flatMap((rows) => ownerIds(sql, env, rows));
  const count = `(select count(*) from ${name})`;
  return {
    name,
    with: `with ${name} (id) as materialized (${ids.join(' union ')})`,
    areFew: `${count} <= ${fewOwners}`,
    areMany: `${count} > ${fewOwners}`,
  };
}

/** `select …` of the ids of owners, each a statement of its own. */
function ownerIds(sql: Sql, env: QueryEnv, rows: OwnedRows): string[] {
  if (rows.by === 'owners') return [`select unnest(${sql.param(rows.principals, 'uuid[]')})`];
  if (rows.by === 'reports')
    return [`select r.user_id from trellis.report r where r.superior_id = ${sql.param(rows.superior, 'uuid')}`];
  const { roles, teams, territories, until } = rows;
  const ids: string[] = [];
  if (roles.length > 0)
    ids.push(`select h.user_id from trellis.user_role h where h.role = any(${sql.param(roles, 'text[]')})`);
  const named = namedTeams(sql, env, teams);
  if (named !== null) ids.push(named, `select h.user_id from trellis.team_member h where h.team_id in (${named})`);
  const within = territoriesWithin(sql, env, territories);
  if (within !== null)
    ids.push(
      within.ids,
      `select h."user" from ${within.members} h where h.deleted_at is null and h.territory in (${within.ids})`,
    );
  // Ended by the database's clock, as in the condition of a row.
  const end = until === undefined ? '' : ` and now() < ${sql.param(until, 'timestamptz')}`;
  return ids.map((each) => each + end);
}

/** `select …` of the ids of the teams that are called so; null where there are none to ask for. */
export function namedTeams(sql: Sql, env: QueryEnv, teams: readonly string[]): string | null {
  const team = env.schema.entities.get('core.team');
  if (teams.length === 0 || !team) return null;
  return `select g.id from ${team.table} g where g.deleted_at is null and g.name = any(${sql.param(teams, 'text[]')})`;
}

/** `select …` of the ids of the territories that are called so and of those below them, and the table of who works where; null where there are none to ask for. */
export function territoriesWithin(
  sql: Sql,
  env: QueryEnv,
  names: readonly string[],
): { ids: string; members: string } | null {
  const [territory, member] = ['core.territory', 'core.territoryMember'].map((id) => env.schema.entities.get(id));
  if (names.length === 0 || !territory || !member) return null;
  return {
    ids: `select w.territory_id from ${territory.table} g join trellis.territory_tree w on w.above_id = g.id where g.deleted_at is null and g.name = any(${sql.param(names, 'text[]')})`,
    members: member.table,
  };
}
