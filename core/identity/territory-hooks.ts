import { invalid } from '../base/errors.js';
import type { Ctx, HookBatch, HookRegistry, RecordData } from '../sdk/index.js';
import type { IdentityDeps } from './deps.js';
import { insideOf, lockMembers, membershipsOf, type Membership } from './hook-parts.js';
import { actorId } from './user-rows.js';

/** Keeps the closure of which territory is part of which; whoever works one loads anew what reaches it. */
export function registerTerritoryHooks(deps: IdentityDeps, hooks: HookRegistry): void {
  hooks.register({
    id: 'core.keep-territories',
    entity: 'core.territory',
    phase: 'after',
    on: ['create', 'update', 'delete', 'restore', 'purge'],
    run: (ctx, batch: HookBatch<RecordData>) => keepTree(deps, ctx, batch),
  });
  hooks.register({
    id: 'core.keep-territory-members',
    entity: 'core.territoryMember',
    phase: 'after',
    // What is purged had ended when it went to the bin.
    on: ['create', 'update', 'delete', 'restore'],
    run: (ctx, batch: HookBatch<RecordData>) => keepMembers(deps, ctx, batch),
  });
}

async function keepTree(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  const moved = batch.rows.filter(({ changed }) => batch.operation !== 'update' || changed.has('parent'));
  if (moved.length === 0) return;
  const { tx } = insideOf(ctx);
  await lockMembers(tx, { alone: true });
  const [found] = await tx.query<{ cycle: string[]; touched: string[] }>(keepText, [moved.map(({ id }) => id)]);
  if (found.cycle.length > 0) {
    const message = 'This would make a territory part of itself.';
    throw invalid('territory.cycle', 'This would make a territory part of itself, directly or over others.', {
      params: { territories: found.cycle.slice(0, 10) },
      issues: [{ path: 'parent', code: 'territory.cycle', message }],
      hint: 'Let one of the circle be part of nothing first.',
    });
  }
  for (const id of found.touched) deps.cache.forgetUser(id);
  if (batch.operation === 'delete' || batch.operation === 'restore') await noteAlong(deps, ctx, batch);
}

/** Memberships go and come back with their territory, without hooks of their own. */
async function noteAlong(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  const { tx } = insideOf(ctx);
  const along = await tx.query<{ territory: string; member: string }>(
    batch.operation === 'delete' ? goneText : backText,
    [batch.rows.map(({ id }) => id)],
  );
  if (along.length === 0) return;
  const members = along.map(({ territory, member }) => ({ territory, member }));
  await note(deps, ctx, batch.operation === 'delete' ? { removed: members } : { added: members });
}

async function keepMembers(deps: IdentityDeps, ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  const { added, removed } = membershipsOf(batch, 'territory');
  if (added.length === 0 && removed.length === 0) return;
  const { tx } = insideOf(ctx);
  await lockMembers(tx, { alone: false });
  const changed = await tx.query<{ user_id: string }>(raiseText, [[...added, ...removed].map(({ member }) => member)]);
  for (const row of changed) deps.cache.forgetUser(row.user_id);
  await note(deps, ctx, { added, removed });
}

function note(
  deps: IdentityDeps,
  ctx: Ctx,
  { added = [], removed = [] }: { added?: Membership[]; removed?: Membership[] },
): Promise<void> {
  return deps.audit.append(insideOf(ctx).tx, {
    kind: 'territory.membersChanged',
    actor: actorId(ctx),
    requestId: ctx.requestId,
    payload: { added, removed },
  });
}

const goneText = `select m.territory, m."user" as member from data.core__territory_member m
  join data.core__territory t on t.id = m.territory and t.deletion_id = m.deletion_id where t.id = any($1::uuid[]) order by 1, 2`;

const backText = `select m.territory, m."user" as member from data.core__territory_member m
  where m.territory = any($1::uuid[]) and m.deleted_at is null order by 1, 2`;

const raiseText = `update trellis.credential set security_epoch = security_epoch + 1 where user_id = any($1::uuid[]) returning user_id`;

/** Whatever is below those that changed gets what is above it anew. Memberships that went with a territory count: their users lose it. */
const keepText = `with recursive below (id) as (
  select unnest($1::uuid[])
  union select t.id from data.core__territory t join below b on t.parent = b.id
), up (territory_id, above_id) as (
  select t.id, p.id from below b join data.core__territory t on t.id = b.id and t.deleted_at is null
    join data.core__territory p on p.id = t.parent and p.deleted_at is null
  union select u.territory_id, p.id from up u join data.core__territory m on m.id = u.above_id
    join data.core__territory p on p.id = m.parent and p.deleted_at is null
), wanted (territory_id, above_id) as (
  select territory_id, above_id from up
  union select t.id, t.id from below b join data.core__territory t on t.id = b.id and t.deleted_at is null
), removed as (
  delete from trellis.territory_tree r using below b where r.territory_id = b.id
    and not exists (select from wanted w where w.territory_id = r.territory_id and w.above_id = r.above_id) returning r.above_id
), added as (
  insert into trellis.territory_tree (above_id, territory_id) select above_id, territory_id from wanted on conflict do nothing returning above_id
), touched as (
  update trellis.credential set security_epoch = security_epoch + 1 where user_id in (
    select m."user" from data.core__territory_member m where m.territory in (select above_id from removed union select above_id from added)
  ) returning user_id
)
select array(select territory_id from up where territory_id = above_id) as cycle, array(select user_id from touched) as touched`;
