import { defineHook, invalid } from '#sdk';

/** A user's time zone is one that clocks know: with any other, every date would fail to be written for that user. */
export const checkZone = defineHook({
  id: 'core.check-zone',
  entity: 'core.user',
  phase: 'before',
  on: ['create', 'update'],
  fields: ['zone'],
  run(_ctx, batch) {
    for (const { next } of batch.rows) {
      if (typeof next.zone !== 'string' || isZone(next.zone)) continue;
      const message = `"${next.zone.slice(0, 64)}" is not an IANA time zone.`;
      throw invalid('user.zone', message, {
        hint: 'Name it like Europe/Berlin.',
        params: { zone: next.zone },
        issues: [{ path: 'zone', code: 'user.zone', message, params: { zone: next.zone } }],
      });
    }
  },
});

/** Names only: an offset such as +02:00 knows no summer time. */
function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
