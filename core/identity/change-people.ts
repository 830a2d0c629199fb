import { missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Ctx, RecordData, Tx } from '../sdk/index.js';
import { requireAdministrator } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import { requireUserRow } from './user-rows.js';
import { setRoles } from './users.js';

/** What is changed about a user; what is absent stays. */
export interface PersonChange {
  readonly id: string;
  readonly roles?: readonly string[];
  /** Id of a user; null: of nobody. */
  readonly reportsTo?: string | null;
  /** Ids of teams that it comes into, and of those that it leaves. */
  readonly joins?: readonly string[];
  readonly leaves?: readonly string[];
}

type Inside = Ctx & { readonly tx: Tx };

/**
 * Changes what decides over what people reach, all in the transaction of the context. Throws user.not_found, role.unknown,
 * user.reports_cycle, user.last_administrator, team.not_found.
 */
export async function changePeople(
  deps: IdentityDeps,
  inside: Inside,
  changes: readonly PersonChange[],
): Promise<void> {
  requireAdministrator(inside);
  const system = inside.asSystem('change of people');
  for (const { id, roles, reportsTo, joins = [], leaves = [] } of changes) {
    await requireUserRow(inside.tx, id);
    if (reportsTo !== undefined)
      await inside.records.update(system, { entity: 'core.user', id, values: { reportsTo } });
    for (const team of joins) await join(inside, { team, user: id });
    for (const team of leaves) await leave(inside, { team, user: id });
    if (roles !== undefined) await setRoles(deps, inside, { userId: id, roles });
  }
}

async function join(inside: Inside, values: { team: string; user: string }): Promise<void> {
  if ((await membershipsOf(inside, values)).length > 0) return;
  await inside.records.create(inside.asSystem('change of people'), { entity: 'core.teamMember', values });
}

async function leave(inside: Inside, membership: { team: string; user: string }): Promise<void> {
  for (const { id } of await membershipsOf(inside, membership))
    await inside.records.delete(inside.asSystem('change of people'), { entity: 'core.teamMember', id: String(id) });
}

/** Throws team.not_found. */
async function membershipsOf(inside: Inside, { team, user }: { team: string; user: string }): Promise<RecordData[]> {
  const system = inside.asSystem('change of people');
  const ids = (entity: string, filter: string): Promise<RecordData[]> =>
    inside.records.list(system, { entity, filter, fields: ['id'], limit: 1 }).then(({ data }) => data);
  if (!isUuid(team) || (await ids('core.team', `id == "${team}"`)).length === 0)
    throw missing('team.not_found', 'There is no such team.', { params: { team: team.slice(0, 80) } });
  return ids('core.teamMember', `team == "${team}" && user == "${user}"`);
}
