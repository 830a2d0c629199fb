import type { Ctx, HookBatch, HookRegistry, RecordData, Tx } from '../sdk/index.js';
import { denied } from '../base/errors.js';
import { isAdministrator, lockAdministrators, requireAnAdministrator } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import { forgetTeams } from './directory/members.js';
import { syncRoles } from './directory/roles.js';
import { normalizeEmail } from './credentials.js';
import { insideOf, lockMembers, membershipsOf } from './hook-parts.js';
import { registerReachHooks } from './reach-hooks.js';
import { notOnBehalf } from './sessions.js';
import { actorId, endAll } from './user-rows.js';

/**
 * Keeps credentials in step with the records of users and teams, in the same transaction: a user made, renamed, suspended,
 * deleted or restored through any door counts at once, and so does a change of team.
 */
export function registerIdentityHooks(deps: IdentityDeps, hooks: HookRegistry): void {
  hooks.register({
    id: 'core.keep-credentials',
    entity: 'core.user',
    phase: 'after',
    on: ['create', 'update', 'delete', 'restore', 'purge'],
    run: (ctx, batch: HookBatch<RecordData>) => keepCredentials(deps, ctx, batch),
  });
  hooks.register({
    id: 'core.keep-team-members',
    entity: 'core.teamMember',
    phase: 'after',
    on: ['create', 'update', 'delete', 'restore', 'purge'],
    run: (ctx, batch: HookBatch<RecordData>) => keepTeamMembers(deps, ctx, batch),
  });
  registerReachHooks(deps, hooks);
  hooks.register({
    id: 'core.drop-teams',
    entity: 'core.team',
    phase: 'after',
    on: ['delete', 'purge'],
    run: (ctx, batch: HookBatch<RecordData>) => dropTeams(deps, ctx, batch),
  });
  hooks.register({
    id: 'core.bring-teams-back',
    entity: 'core.team',
    phase: 'after',
    on: ['restore'],
    run: (ctx, batch: HookBatch<RecordData>) => bringTeamsBack(deps, ctx, batch),
  });
}

async function keepCredentials(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  const tx = insideOf(ctx).tx;
  const isGone = batch.operation === 'delete' || batch.operation === 'purge';
  const rows = batch.rows.map(({ id, next }) => ({
    id,
    // A deleted user's address is free for somebody else.
    email: isGone || typeof next.email !== 'string' ? null : normalizeEmail(next.email),
    name: typeof next.name === 'string' ? next.name : '',
    locale: typeof next.locale === 'string' ? next.locale : null,
    zone: typeof next.zone === 'string' ? next.zone : null,
    active: !isGone && next.active !== false,
  }));
  const moved = batch.operation === 'update' ? batch.rows.filter(({ changed }) => changed.has('email')) : [];
  // By an address one signs in and gets a new password: a key that was stolen must not make itself lasting.
  if (moved.length > 0 && ctx.actor.actedBy) throw notOnBehalf();
  if (moved.length > 0 && ctx.actor.kind === 'user' && ctx.actor.credential?.kind === 'apiKey')
    throw denied(
      'auth.session_required',
      'A sign-in address is changed by somebody who is signed in; an API key may not do it.',
    );
  if (moved.length > 0)
    await requireAsMuch(
      tx,
      ctx,
      moved.map(({ id }) => id),
    );
  if (batch.operation !== 'create') await lockAdministrators(tx);
  // A statement of its own: within one, the rows that it changes cannot be seen as they were.
  const active =
    batch.operation === 'create' ? [] : await tx.query<{ user_id: string }>(activeText, [rows.map((row) => row.id)]);
  await tx.query(keepText, [JSON.stringify(rows)]);
  const ids = active.map((row) => row.user_id).filter((id) => rows.some((row) => row.id === id && !row.active));
  if (ids.length > 0) {
    await endAll(tx, ids);
    await requireAnAdministrator(tx);
    await deps.audit.append(tx, {
      kind: isGone ? 'user.deleted' : 'user.suspended',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { ids },
    });
  }
  if (moved.length > 0)
    await deps.audit.append(tx, {
      kind: 'user.emailChanged',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { ids: moved.map(({ id }) => id) },
    });
  for (const row of rows) deps.cache.forgetUser(row.id);
}

/** Whoever has the address gets the account: who may write users must not become one that may more. Throws user.beyond_roles. */
async function requireAsMuch(tx: Tx, ctx: Ctx, users: readonly string[]): Promise<void> {
  if (isAdministrator(ctx)) return;
  const beyond = await tx.query(
    'select 1 from trellis.user_role where user_id = any($1::uuid[]) and role <> all($2::text[]) limit 1',
    [users, ctx.actor.roles ?? []],
  );
  if (beyond.length > 0)
    throw denied('user.beyond_roles', 'This user has roles that you do not have.', {
      hint: 'An administrator may change its sign-in address.',
    });
}

async function keepTeamMembers(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  await changeMembers(deps, ctx, membershipsOf(batch, 'team'));
}

/** Memberships come back with their team, without hooks of their own. */
async function bringTeamsBack(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  const added = await insideOf(ctx).tx.query<{ team: string; member: string }>(backText, [
    batch.rows.map(({ id }) => id),
  ]);
  await changeMembers(deps, ctx, { added, removed: [] });
}

async function changeMembers(
  deps: IdentityDeps,
  ctx: Ctx,
  { added, removed }: ReturnType<typeof membershipsOf>,
): Promise<void> {
  if (added.length === 0 && removed.length === 0) return;
  await lockMembers(insideOf(ctx).tx, { alone: false });
  const changed = await insideOf(ctx).tx.query<{ user_id: string }>(memberText, [
    JSON.stringify(removed),
    JSON.stringify(added),
  ]);
  for (const row of changed) deps.cache.forgetUser(row.user_id);
  await syncRoles(deps, insideOf(ctx), { users: changed.map((row) => row.user_id) });
  if (changed.length > 0)
    await deps.audit.append(insideOf(ctx).tx, {
      kind: 'team.membersChanged',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { added, removed },
    });
}

/** A team that goes takes its memberships along even where no hook ran for each of them. */
async function dropTeams(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  const teams = batch.rows.map((row) => row.id);
  const changed = await insideOf(ctx).tx.query<{ user_id: string }>(dropText, [teams]);
  for (const row of changed) deps.cache.forgetUser(row.user_id);
  await syncRoles(deps, insideOf(ctx), await forgetTeams(insideOf(ctx).tx, teams));
  if (changed.length > 0)
    await deps.audit.append(insideOf(ctx).tx, {
      kind: 'team.membersChanged',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { gone: batch.rows.map((row) => row.id), members: changed.map((row) => row.user_id) },
    });
}

const activeText =
  'select user_id from trellis.credential where user_id = any($1::uuid[]) and active order by user_id for update';

const keepText = `insert into trellis.credential as c (user_id, email, name, locale, zone, active)
select id, email, name, locale, zone, active from jsonb_to_recordset($1::jsonb) as g (id uuid, email text, name text, locale text, zone text, active boolean)
on conflict (user_id) do update set email = excluded.email, name = excluded.name, locale = excluded.locale, zone = excluded.zone,
  active = excluded.active, updated_at = now(), security_epoch = c.security_epoch + case when c.active and not excluded.active then 1 else 0 end`;

/** Takes memberships out and in; raises the security epoch of everybody whose teams changed. */
const memberText = `with old as (
  select team, member from jsonb_to_recordset($1::jsonb) as g (team uuid, member uuid)
), given as (
  select distinct team, member from jsonb_to_recordset($2::jsonb) as g (team uuid, member uuid)
), removed as (
  delete from trellis.team_member m using old where m.team_id = old.team and m.user_id = old.member
    and not exists (select from given where given.team = m.team_id and given.member = m.user_id) returning m.user_id
), added as (
  insert into trellis.team_member (team_id, user_id) select team, member from given on conflict do nothing returning user_id
)
update trellis.credential c set security_epoch = security_epoch + 1
where c.user_id in (select user_id from removed union select user_id from added) returning c.user_id`;

const dropText = `with removed as (delete from trellis.team_member where team_id = any($1::uuid[]) returning user_id)
update trellis.credential c set security_epoch = security_epoch + 1 where c.user_id in (select user_id from removed) returning c.user_id`;

const backText = `select team, "user" as member from data.core__team_member where deleted_at is null and team = any($1::uuid[]) order by id`;
