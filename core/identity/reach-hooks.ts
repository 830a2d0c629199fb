import { invalid } from '../base/errors.js';
import type { Ctx, HookBatch, HookRegistry, RecordData } from '../sdk/index.js';
import type { IdentityDeps } from './deps.js';
import { insideOf, linkedIds, lockMembers } from './hook-parts.js';
import { registerTerritoryHooks } from './territory-hooks.js';
import { actorId } from './user-rows.js';

/** Keeps the closure of who reports to whom, how territories lie, whose teams and territories are called what, and with whom something is shared: by these records reach users. */
export function registerReachHooks(deps: IdentityDeps, hooks: HookRegistry): void {
  hooks.register({
    id: 'core.keep-reports',
    entity: 'core.user',
    phase: 'after',
    on: ['create', 'update', 'delete', 'restore', 'purge'],
    fields: ['reportsTo'],
    run: (ctx, batch: HookBatch<RecordData>) => keepReports(deps, ctx, batch),
  });
  for (const type of ['team', 'territory'])
    hooks.register({
      id: `core.keep-${type}-names`,
      entity: `core.${type}`,
      phase: 'after',
      on: ['update', 'restore'],
      fields: ['name'],
      run: (ctx, batch: HookBatch<RecordData>) => keepNames(deps, ctx, batch),
    });
  registerTerritoryHooks(deps, hooks);
  hooks.register({
    id: 'core.keep-shares',
    entity: 'core.share',
    phase: 'after',
    on: ['create', 'update', 'delete', 'restore', 'purge'],
    run: (ctx, batch: HookBatch<RecordData>) => keepShares(deps, ctx, batch),
  });
}

async function keepNames(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  await lockMembers(insideOf(ctx).tx, { alone: true });
  await touch(
    deps,
    ctx,
    batch.rows.map(({ id }) => id),
  );
}

async function keepShares(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  await touch(
    deps,
    ctx,
    batch.rows.flatMap(({ old, next }) => [...linkedIds(old?.principal), ...linkedIds(next.principal)]),
  );
  const kind = shareKinds[batch.operation];
  if (kind === undefined) return;
  const entries = batch.rows.map(({ old, next }) => {
    const share = { ...old, ...next };
    const { entity, id } = (share.record ?? {}) as { entity?: string; id?: string };
    return {
      kind,
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: {
        entity: entity ?? null,
        ids: id === undefined ? [] : [id],
        principal: linkedIds(share.principal)[0] ?? null,
        level: share.level ?? null,
        until: share.until ?? null,
        reason: share.reason ?? null,
      },
    };
  });
  await deps.audit.append(insideOf(ctx).tx, entries);
}

/** What was in the bin had ended before. */
const shareKinds: Readonly<Record<string, string>> = {
  create: 'record.shared',
  update: 'record.shareChanged',
  restore: 'record.shared',
  delete: 'record.shareEnded',
};

async function keepReports(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  const ids = batch.rows.filter(({ next }) => batch.operation !== 'create' || linkedIds(next.reportsTo).length > 0);
  if (ids.length === 0) return;
  const { tx } = insideOf(ctx);
  await tx.query(`select pg_advisory_xact_lock(hashtext('trellis.report'))`);
  const [found] = await tx.query<{ cycle: string[]; touched: string[] }>(keepText, [ids.map(({ id }) => id)]);
  if (found.cycle.length > 0)
    throw invalid('user.reports_cycle', 'So a user would report to itself, directly or over others.', {
      params: { users: found.cycle.slice(0, 10) },
      issues: [{ path: 'reportsTo', code: 'user.reports_cycle', message: 'So a user would report to itself.' }],
      hint: 'Let somebody of the circle report to nobody first.',
    });
  for (const id of found.touched) deps.cache.forgetUser(id);
}

/** Users, the members of teams, and whoever reaches territories, load anew what reaches them. */
async function touch(deps: IdentityDeps, ctx: Ctx, principals: readonly string[]): Promise<void> {
  const rows = await insideOf(ctx).tx.query<{ user_id: string }>(touchText, [[...new Set(principals)]]);
  for (const row of rows) deps.cache.forgetUser(row.user_id);
}

const touchText = `update trellis.credential set security_epoch = security_epoch + 1
where user_id = any($1::uuid[]) or user_id in (select user_id from trellis.team_member where team_id = any($1::uuid[])
  union select m."user" from trellis.territory_tree t join data.core__territory_member m on m.territory = t.above_id where t.territory_id = any($1::uuid[])) returning user_id`;

/** Whoever is below those that changed gets its superiors anew; where that is a circle, nothing counts, since it is refused. */
const keepText = `with recursive below (id) as (
  select unnest($1::uuid[])
  union select u.id from data.core__user u join below b on u.reports_to = b.id
), above (user_id, superior_id) as (
  select u.id, s.id from below b join data.core__user u on u.id = b.id and u.deleted_at is null
    join data.core__user s on s.id = u.reports_to and s.deleted_at is null
  union select a.user_id, s.id from above a join data.core__user m on m.id = a.superior_id
    join data.core__user s on s.id = m.reports_to and s.deleted_at is null
), removed as (
  delete from trellis.report r using below b where r.user_id = b.id
    and not exists (select from above a where a.user_id = r.user_id and a.superior_id = r.superior_id) returning r.superior_id
), added as (
  insert into trellis.report (superior_id, user_id) select superior_id, user_id from above on conflict do nothing returning superior_id
), touched as (
  update trellis.credential set security_epoch = security_epoch + 1
  where user_id in (select superior_id from removed union select superior_id from added) returning user_id
)
select array(select user_id from above where user_id = superior_id) as cycle, array(select user_id from touched) as touched`;
