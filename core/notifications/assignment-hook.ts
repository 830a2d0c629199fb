import type { Ctx, HookBatch, HookRegistry, RecordData, Tx } from '../sdk/index.js';

/** Records of one write that one user is told of one by one; more are told together. */
const toldApart = 5;

/** Tells users when a record becomes theirs, or that of their team or territory, by somebody else's hand. */
export function registerAssignmentHook(hooks: HookRegistry): void {
  hooks.register({
    id: 'core.tell-assignment',
    entity: '*',
    phase: 'after',
    on: ['update'],
    fields: ['ownerId'],
    run: (ctx, batch: HookBatch<RecordData>) => tell(ctx as Ctx & { readonly tx: Tx }, batch),
  });
}

async function tell(ctx: Ctx & { readonly tx: Tx }, batch: HookBatch<RecordData>): Promise<void> {
  const byOwner = new Map<string, string[]>();
  for (const row of batch.rows) {
    const owner = idOf(row.next.ownerId);
    if (!row.changed.has('ownerId') || owner === null) continue;
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), row.id]);
  }
  if (byOwner.size === 0) return;
  const mover = ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.onBehalfOf;
  const users = await ctx.tx.query<{ owner: string; user_id: string }>(usersText, [[...byOwner.keys()], mover]);
  for (const [owner, ids] of byOwner) {
    const userIds = users.filter((user) => user.owner === owner).map((user) => user.user_id);
    if (userIds.length === 0) continue;
    if (ids.length > toldApart) {
      // A large transfer comes in pieces: one word for all of them.
      await ctx.notifications.notify(ctx, {
        userIds,
        kind: 'core.records-assigned',
        data: { entity: batch.entity },
        idempotencyKey: `assigned:${ctx.requestId}:${batch.entity}`,
      });
      continue;
    }
    for (const id of ids)
      await ctx.notifications.notify(ctx, {
        userIds,
        kind: 'core.record-assigned',
        record: { entity: batch.entity, id },
      });
  }
}

function idOf(owner: unknown): string | null {
  if (typeof owner === 'string') return owner;
  const id = (owner as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'string' ? id : null;
}

/** $1 owners, $2 who did it: the users behind each owner, but for that one. */
const usersText = `select o.owner, coalesce(m.user_id, o.owner) as user_id
from unnest($1::uuid[]) as o (owner) left join (
  select t.team_id as principal, t.user_id from trellis.team_member t
  union all select t.territory, t."user" from data.core__territory_member t where t.deleted_at is null
) m on m.principal = o.owner
where coalesce(m.user_id, o.owner) is distinct from $2::uuid`;
