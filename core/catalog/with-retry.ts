import type { Log } from '../base/log.js';
import { pgCode } from '../storage/index.js';

/** Milliseconds that an apply waits for writers before it lets them pass and tries again. */
export const lockTimeoutMs = 300;
/** The exclusive lock of the catalog; every writer holds it shared. */
export const exclusiveLock = `select pg_advisory_xact_lock(hashtext('trellis.catalog'))`;

/** Tries before giving up: with the pauses between them about a minute. */
const lockAttempts = 60;

/** Repeats what gave way to writers (lock timeout, deadlock, serialisation), with growing pauses. */
export async function withRetry<T>(log: Log, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isBusy = ['55P03', '40P01', '40001'].includes(pgCode(error));
      if (!isBusy || attempt >= lockAttempts) throw error;
      log.debug({ attempt }, 'catalog is in use by writers; trying again');
      await new Promise((resolve) => setTimeout(resolve, Math.min(50 * attempt, 1_000)));
    }
  }
}
