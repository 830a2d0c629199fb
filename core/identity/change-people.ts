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
  /** Ids of teams and territories that it comes into, and of those that it leaves. */
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
    for (const group of joins) await join(inside, { group, user: id });
    for (const group of leaves) await leave(inside, { group, user: id });
    if (roles !== undefined) await setRoles(deps, inside, { userId: id, roles });
  }
}

interface Membership {
  /** Id of a team or territory. */
  readonly group: string;
  readonly user: string;
}

async function join(inside: Inside, membership: Membership): Promise<void> {
  const { entity, values, ids } = await membershipsOf(inside, membership);
  if (ids.length === 0) await inside.records.create(inside.asSystem('change of people'), { entity, values });
}

async function leave(inside: Inside, membership: Membership): Promise<void> {
  const { entity, ids } = await membershipsOf(inside, membership);
  for (const id of ids) await inside.records.delete(inside.asSystem('change of people'), { entity, id });
}

/** How the user belongs to the group: the entity of memberships, the values of one, the ids of those that are there. Throws team.not_found. */
async function membershipsOf(
  inside: Inside,
  { group, user }: Membership,
): Promise<{ entity: string; values: RecordData; ids: string[] }> {
  const system = inside.asSystem('change of people');
  const idsOf = async (entity: string, filter: string): Promise<string[]> =>
    (await inside.records.list(system, { entity, filter, fields: ['id'], limit: 1 })).data.map(({ id }) => String(id));
  for (const key of isUuid(group) ? ['team', 'territory'] : []) {
    if ((await idsOf(`core.${key}`, `id == "${group}"`)).length === 0) continue;
    const entity = `core.${key}Member`;
    return {
      entity,
      values: { [key]: group, user },
      ids: await idsOf(entity, `${key} == "${group}" && user == "${user}"`),
    };
  }
  throw missing('team.not_found', 'There is no such team or territory.', { params: { team: group.slice(0, 80) } });
}
