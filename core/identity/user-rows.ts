import { missing } from '../base/errors.js';
import type { Ctx, Tx } from '../sdk/index.js';

/** Ends all sessions and API keys of users. */
export async function endAll(tx: Tx, userIds: readonly string[]): Promise<void> {
  await tx.query(
    'with keys as (delete from trellis.api_key where user_id = any($1::uuid[])) delete from trellis.session where user_id = any($1::uuid[])',
    [userIds],
  );
}

/** Throws user.not_found where there is no such user. */
export async function requireUserRow(tx: Tx, userId: string): Promise<void> {
  const found = await tx.query('select 1 from trellis.credential where user_id::text = $1', [userId]);
  if (found.length === 0) throw missing('user.not_found', 'There is no such user.');
}

/** The acting user's id for the audit, or null. */
export function actorId(ctx: Ctx): string | null {
  return ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.onBehalfOf;
}
