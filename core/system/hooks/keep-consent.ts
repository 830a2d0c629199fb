import { defineHook, denied } from '#sdk';

/** A log of what people agreed to proves something only if nobody rewrites it: a change of mind is a new entry. */
export const keepConsent = defineHook({
  id: 'core.keep-consent',
  entity: 'core.consent',
  phase: 'before',
  on: ['create', 'update', 'delete', 'purge'],
  run(ctx, batch) {
    if (batch.operation === 'create')
      return batch.rows.map(({ next }) => ({
        at: next.at ?? ctx.now().toISOString(),
        contactPoint: canonical(next.contactPoint),
      }));
    if (ctx.actor.kind === 'user')
      throw denied('consent.unchangeable', 'Entries about consent are not changed or deleted.', {
        hint: 'Add a new entry that says what holds now.',
      });
  },
});

/** Addresses compare without case, numbers without the signs between digits. */
function canonical(point: unknown): string | null {
  if (typeof point !== 'string' || point.trim() === '') return null;
  const text = point.trim().toLowerCase();
  return /^[+0-9()\s./-]+$/.test(text) ? text.replace(/[^+0-9]/g, '') : text;
}
