import { conflict } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { catalogLock, letOthersPass, pgCode, type Database } from '../storage/index.js';

/** Milliseconds that an apply waits for writers before it lets them pass and tries again. */
export const lockTimeoutMs = 300;
/** The exclusive lock of the catalog; every writer holds it shared. */
export const exclusiveLock = `select pg_advisory_xact_lock(${catalogLock})`;

/** Tries before giving up: 50 seconds of pauses, and up to 156 in all where each waits for its locks and for those who keep them. */
const lockAttempts = 60;

/** Repeats what gave way to others (lock timeout, deadlock, serialisation), with growing pauses. Throws catalog.busy in the end. */
export async function withRetry<T>(
  { db, log }: { readonly db: Database; readonly log: Log },
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isBusy = ['55P03', '40P01', '40001'].includes(pgCode(error));
      if (!isBusy) throw error;
      if (attempt >= lockAttempts) throw inUse(error);
      log.debug({ attempt }, 'catalog is in use; trying again');
      await letOthersPass(db, error);
      await new Promise((resolve) => setTimeout(resolve, Math.min(50 * attempt, 1_000)));
    }
  }
}

function inUse(cause: unknown): Error {
  return conflict('catalog.busy', 'The tables are in use all the time.', {
    hint: 'A backup, or a query that takes minutes, keeps them; try again after it.',
    cause,
  });
}
