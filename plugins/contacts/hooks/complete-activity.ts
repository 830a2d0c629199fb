import { defineHook } from '#sdk';
import type { ContactsActivity } from '../generated/records.js';

/** Notes when an activity was completed, and how long it took where start and end tell. */
export const completeActivity = defineHook<ContactsActivity>({
  id: 'contacts.complete-activity',
  entity: 'contacts.activity',
  phase: 'before',
  on: ['create', 'update'],
  fields: ['status', 'startAt', 'endAt', 'duration'],
  run: (ctx, batch) =>
    batch.rows.map(({ next, old, changed }) => ({
      ...completion(next, old, ctx.now()),
      ...derivedDuration(next, changed),
    })),
});

type Status = Pick<ContactsActivity, 'status' | 'endAt' | 'createdAt'>;

/**
 * Set once when the status becomes completed, taken away when it is opened again. What comes in completed already (an
 * import, a call that is logged afterwards) was completed when it ended, or when it was created, rather than now.
 */
export function completion(
  next: Readonly<Partial<Status>>,
  old: Readonly<Partial<Status>> | null,
  now: Date,
): { completedAt?: string | null } {
  const isDone = next.status === 'completed';
  const wasDone = old?.status === 'completed';
  if (isDone && !wasDone)
    return { completedAt: old === null ? pastOf([next.endAt, next.createdAt], now) : now.toISOString() };
  return !isDone && wasDone ? { completedAt: null } : {};
}

/** The first of these instants that is known and past, else now. */
function pastOf(instants: readonly (string | null | undefined)[], now: Date): string {
  return (
    instants.find((instant) => Boolean(instant) && Date.parse(String(instant)) <= now.getTime()) ?? now.toISOString()
  );
}

/** Seconds from start to end, unless somebody gave a duration of their own. */
export function derivedDuration(
  next: { readonly startAt?: string | null; readonly endAt?: string | null },
  changed: ReadonlySet<string>,
): { duration?: number } {
  if (changed.has('duration') || !(changed.has('startAt') || changed.has('endAt')) || !next.startAt || !next.endAt)
    return {};
  const seconds = Math.round((Date.parse(next.endAt) - Date.parse(next.startAt)) / 1_000);
  return seconds >= 0 ? { duration: seconds } : {};
}
