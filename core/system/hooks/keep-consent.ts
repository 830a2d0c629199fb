import { defineHook } from '#sdk';

/** An entry says since when it holds, and its contact point as others write it too; who may change one: nobody (access). */
export const keepConsent = defineHook({
  id: 'core.keep-consent',
  entity: 'core.consent',
  phase: 'before',
  on: ['create'],
  run: (ctx, batch) =>
    batch.rows.map(({ next }) => ({
      at: next.at ?? ctx.now().toISOString(),
      contactPoint: canonical(next.contactPoint),
    })),
});

/** Addresses compare without case, numbers without the signs between digits. */
function canonical(point: unknown): string | null {
  if (typeof point !== 'string' || point.trim() === '') return null;
  const text = point.trim().toLowerCase();
  return /^[+0-9()\s./-]+$/.test(text) ? text.replace(/[^+0-9]/g, '') : text;
}
