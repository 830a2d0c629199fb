import type { Sql } from './sql.js';
import type { HolderRows, PartRows, QueryEnv } from './types.js';

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
  const { roles, until } = rows;
  const ids: string[] = [];
  if (roles.length > 0)
    ids.push(`select h.user_id from trellis.user_role h where h.role = any(${sql.param(roles, 'text[]')})`);
  for (const { named, members, user } of holderGroups(sql, env, rows))
    ids.push(named, `select ${user} from ${members}`);
  // Ended by the database's clock, as in the condition of a row.
  const end = until === undefined ? '' : ` and now() < ${sql.param(until, 'timestamptz')}`;
  return ids.map((each) => each + end);
}

/** Teams and territories that hold rows: `named`, their ids as `select …`; `members`, `… h where …` of who belongs to them, by `user`. */
export function holderGroups(
  sql: Sql,
  env: QueryEnv,
  { teams, territories }: Pick<HolderRows, 'teams' | 'territories'>,
): { named: string; members: string; user: string }[] {
  const [team, territory, member] = ['core.team', 'core.territory', 'core.territoryMember'].map((id) =>
    env.schema.entities.get(id),
  );
  const groups: { named: string; members: string; user: string }[] = [];
  if (teams.length > 0 && team) {
    const named = `select g.id from ${team.table} g where g.deleted_at is null and g.name = any(${sql.param(teams, 'text[]')})`;
    groups.push({ named, members: `trellis.team_member h where h.team_id in (${named})`, user: 'h.user_id' });
  }
  if (territories.length > 0 && territory && member) {
    const named = `select w.territory_id from ${territory.table} g join trellis.territory_tree w on w.above_id = g.id where g.deleted_at is null and g.name = any(${sql.param(territories, 'text[]')})`;
    // Who works what is above one of them is no owner within it.
    const members = `${member.table} h where h.deleted_at is null and h.territory in (${named})`;
    groups.push({ named, members, user: 'h."user"' });
  }
  return groups;
}
