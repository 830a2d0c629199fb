import type { Ctx, Tx } from '../../sdk/index.js';
import { lockAdministrators, requireAnAdministrator } from '../administrators.js';
import type { IdentityDeps } from '../deps.js';
import { actorId } from '../user-rows.js';

type Inside = Ctx & { readonly tx: Tx };

/**
 * Of the roles that teams give, each user of the directory has those of the teams that the directory put it into; other roles stay. One
 * statement for any number of users; only whose roles change hear of it. `governed`: roles that were given until now, beside those of the
 * map. Throws user.last_administrator.
 */
export async function syncRoles(
  deps: IdentityDeps,
  inside: Inside,
  input: { readonly users: readonly string[] | null; readonly governed?: readonly string[] },
): Promise<void> {
  const { tx } = inside;
  if (input.users?.length === 0) return;
  const map = await tx.query<{ role: string }>('select distinct role from trellis.directory_role');
  const known = deps.roleIds();
  const given = map.map((row) => row.role).filter((role) => known.has(role));
  const governed = [...new Set([...given, ...(input.governed ?? [])])];
  if (governed.length === 0) return;
  await lockAdministrators(tx);
  const changed = await tx.query<{ user_id: string; gained: string[]; lost: string[] }>(syncText, [
    input.users,
    governed,
    given,
  ]);
  if (changed.length === 0) return;
  if (changed.some((row) => row.lost.length > 0)) await requireAnAdministrator(tx);
  await deps.audit.append(tx, {
    kind: 'user.rolesChanged',
    actor: actorId(inside),
    requestId: inside.requestId,
    payload: {
      by: 'directory',
      users: changed.map(({ user_id, gained, lost }) => ({ id: user_id, gained, lost })),
    },
  });
  for (const row of changed) deps.cache.forgetUser(row.user_id);
}

const syncText = `with wanted as (
  select distinct m.user_id, r.role from trellis.directory_member m
  join trellis.team_member t on t.team_id = m.team_id and t.user_id = m.user_id
  join trellis.directory_role r on r.team_id = m.team_id and r.role = any($3::text[])
  join trellis.directory_user d on d.user_id = m.user_id and d.gone_at is null
  where $1::uuid[] is null or m.user_id = any($1::uuid[])
), removed as (
  delete from trellis.user_role u using trellis.directory_user d
  where d.user_id = u.user_id and ($1::uuid[] is null or u.user_id = any($1::uuid[])) and u.role = any($2::text[])
    and not exists (select 1 from wanted w where w.user_id = u.user_id and w.role = u.role)
  returning u.user_id, u.role
), added as (
  insert into trellis.user_role (user_id, role) select user_id, role from wanted on conflict do nothing returning user_id, role
), changed as (
  select user_id, array_agg(role order by role) filter (where is_new) as gained, array_agg(role order by role) filter (where not is_new) as lost
  from (select user_id, role, true as is_new from added union all select user_id, role, false from removed) e group by user_id
), raised as (
  update trellis.credential c set security_epoch = security_epoch + 1, updated_at = now() where c.user_id in (select user_id from changed) returning c.user_id
)
select ch.user_id, coalesce(ch.gained, '{}') as gained, coalesce(ch.lost, '{}') as lost from changed ch join raised using (user_id) order by ch.user_id`;
