import type { Ctx } from '../sdk/index.js';

/** What the outbox keeps of who makes a change, for the audit; events never tell it. `fields`: keys that change. */
export function authorOf(ctx: Ctx, fields?: readonly string[]): string {
  const { actor, requestId } = ctx;
  return JSON.stringify({
    actor: actor.kind === 'user' ? actor.userId : actor.onBehalfOf,
    request: requestId,
    ...(actor.kind === 'system' ? { reason: actor.reason } : {}),
    ...(fields ? { fields } : {}),
    ...(actor.actedBy ? { actedBy: actor.actedBy.userId } : {}),
  });
}
