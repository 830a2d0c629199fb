import { invalid } from '../../base/errors.js';
import { isUuid } from '../../base/ids.js';
import type { Ctx, Tx } from '../../sdk/index.js';
import { requireAdministrator } from '../administrators.js';
import type { IdentityDeps } from '../deps.js';
import { requireSession } from '../sessions.js';
import { actorId } from '../user-rows.js';
import { checkRoles } from '../users.js';
import * as groups from './groups.js';
import { syncRoles } from './roles.js';
import type { Directory, DirectoryState } from './types.js';
import * as users from './users.js';

type Inside = Ctx & { readonly tx: Tx };

/** Pairs of team and role that the map may have. */
const mapLimit = 500;

/** Makes the functions by which a directory elsewhere keeps users and groups. */
export function createDirectory(deps: IdentityDeps): Directory {
  const query: Tx['query'] = (text, values = []) => deps.database.query({ text, values }) as Promise<never[]>;
  const within = <T>(ctx: Ctx, work: (inside: Inside) => Promise<T>): Promise<T> => ctx.records.transaction(ctx, work);
  return {
    listUsers: (_ctx, page) => users.listUsers(deps, page),
    getUser: (_ctx, id) => users.getUser(query, id),
    createUser: (ctx, input) =>
      within(ctx, async (inside) => users.getUser(inside.tx.query, await users.createUser(deps, inside, input))),
    changeUser: (ctx, id, change) =>
      within(ctx, async (inside) => {
        await users.changeUser(deps, inside, id, change);
        return users.getUser(inside.tx.query, id);
      }),
    removeUser: (ctx, id, check) => within(ctx, (inside) => users.removeUser(deps, inside, id, check)),
    listGroups: (ctx, page) => groups.listGroups(deps, ctx, page),
    getGroup: (ctx, id, options) => groups.getGroup(ctx, query, id, options),
    createGroup: (ctx, input) =>
      within(ctx, async (inside) =>
        groups.getGroup(inside, inside.tx.query, await groups.createGroup(deps, inside, input)),
      ),
    changeGroup: (ctx, id, change) =>
      within(ctx, async (inside) => {
        await groups.changeGroup(deps, inside, id, change);
        return groups.getGroup(inside, inside.tx.query, id);
      }),
    removeGroup: (ctx, id, check) => within(ctx, (inside) => groups.removeGroup(inside, id, check)),
    async state(ctx) {
      requireAdministrator(ctx);
      return readState(query);
    },
    async setRoles(ctx, roles) {
      requireAdministrator(ctx);
      requireSession(ctx);
      checkMap(deps, roles);
      await within(ctx, async (inside) => {
        const before = await inside.tx.query<{ role: string }>(
          'delete from trellis.directory_role returning team_id as team, role',
        );
        await inside.tx.query(mapText, [JSON.stringify(roles)]);
        await deps.audit.append(inside.tx, {
          kind: 'directory.rolesChanged',
          actor: actorId(ctx),
          requestId: ctx.requestId,
          payload: {
            before: before.map((row) => ({ ...row })),
            after: roles.map(({ team, role }) => ({ team, role })),
          },
        });
        await syncRoles(deps, inside, { users: null, governed: before.map(({ role }) => role) });
      });
      return readState(query);
    },
  };
}

function checkMap(deps: IdentityDeps, roles: readonly { team: string; role: string }[]): void {
  if (roles.length > mapLimit) throw invalid('scim.too_many_roles', `At most ${mapLimit} pairs of team and role.`);
  checkRoles(
    deps,
    roles.map(({ role }) => role),
  );
  const strange = roles.find(({ team }) => !isUuid(team));
  if (strange !== undefined) throw invalid('scim.unknown_team', 'A team is named by its id.');
}

async function readState(query: Tx['query']): Promise<DirectoryState> {
  const [counts] = await query<{ managed: number; suspended: number; groups: number; last: Date | null }>(countText);
  const keys = await query<
    Record<'id' | 'user_id' | 'account' | 'name', string> &
      Record<'created_at', Date> &
      Record<'expires_at' | 'last_used_at', Date | null>
  >(keysText);
  const roles = await query<{ team: string; role: string }>(
    'select team_id as team, role from trellis.directory_role order by team_id, role',
  );
  return {
    managedUsers: counts.managed,
    suspendedUsers: counts.suspended,
    groups: counts.groups,
    lastChangeAt: counts.last?.toISOString() ?? null,
    keys: keys.map((row) => ({
      id: row.id,
      userId: row.user_id,
      account: row.account,
      name: row.name,
      createdAt: row.created_at.toISOString(),
      expiresAt: row.expires_at?.toISOString() ?? null,
      lastUsedAt: row.last_used_at?.toISOString() ?? null,
    })),
    roles: roles.map(({ team, role }) => ({ team, role })),
  };
}

const countText = `select count(*) filter (where d.gone_at is null)::integer as managed,
  count(*) filter (where not c.active)::integer as suspended,
  (select count(*)::integer from trellis.directory_group) as groups,
  greatest(max(d.updated_at), max(d.gone_at), (select max(updated_at) from trellis.directory_group)) as last
from trellis.directory_user d join trellis.credential c on c.user_id = d.user_id`;

const keysText = `select k.id, k.user_id, c.name as account, k.name, k.created_at, k.expires_at, k.last_used_at
from trellis.api_key k join trellis.credential c on c.user_id = k.user_id
where 'scim' = any(k.scopes) order by k.created_at desc, k.id desc`;

const mapText = `insert into trellis.directory_role (team_id, role)
select distinct team, role from jsonb_to_recordset($1::jsonb) as g (team uuid, role text)`;
