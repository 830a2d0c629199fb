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

/** What is changed about a team or territory. */
export interface GroupChange {
  readonly id: string;
  /** Id of the territory that it becomes part of; null: of none. */
  readonly parent?: string | null;
  /** It goes to the recycle bin. */
  readonly deleted?: boolean;
}

type Inside = Ctx & { readonly tx: Tx };

/**
 * Changes what decides over what people reach, all in the transaction of the context. Throws user.not_found, role.unknown,
 * user.reports_cycle, user.last_administrator, team.not_found, territory.cycle, record.restricted.
 */
export async function changePeople(
  deps: IdentityDeps,
  inside: Inside,
  { users = [], groups = [] }: { readonly users?: readonly PersonChange[]; readonly groups?: readonly GroupChange[] },
): Promise<void> {
  requireAdministrator(inside);
  const system = inside.asSystem('change of people');
  for (const { id, roles, reportsTo, joins = [], leaves = [] } of users) {
    await requireUserRow(inside.tx, id);
    if (reportsTo !== undefined)
      await inside.records.update(system, { entity: 'core.user', id, values: { reportsTo } });
    for (const group of joins) await join(inside, { group, user: id });
    for (const group of leaves) await leave(inside, { group, user: id });
    if (roles !== undefined) await setRoles(deps, inside, { userId: id, roles });
  }
  for (const { id, parent, deleted } of groups) {
    const entity = `core.${await kindOf(inside, id)}`;
    if (parent !== undefined) await inside.records.update(system, { entity, id, values: { parent } });
    if (deleted) await inside.records.delete(system, { entity, id });
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
  const key = await kindOf(inside, group);
  const entity = `core.${key}Member`;
  const ids = await idsOf(inside, entity, `${key} == "${group}" && user == "${user}"`);
  return { entity, values: { [key]: group, user }, ids };
}

/** Throws team.not_found where it is neither. */
async function kindOf(inside: Inside, group: string): Promise<'team' | 'territory'> {
  for (const kind of isUuid(group) ? (['team', 'territory'] as const) : [])
    if ((await idsOf(inside, `core.${kind}`, `id == "${group}"`)).length > 0) return kind;
  throw missing('team.not_found', 'There is no such team or territory.', { params: { team: group.slice(0, 80) } });
}

async function idsOf(inside: Inside, entity: string, filter: string): Promise<string[]> {
  const system = inside.asSystem('change of people');
  const { data } = await inside.records.list(system, { entity, filter, fields: ['id'], limit: 1 });
  return data.map(({ id }) => String(id));
}
