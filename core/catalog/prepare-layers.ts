import type { Log } from '../base/log.js';
import {
  buildPendingIndexes,
  convertColumns,
  findLostValues,
  mustKeepValues,
  runDdl,
  type Database,
  type Preparation,
} from '../storage/index.js';
import { exclusiveLock, lockTimeoutMs, withRetry } from './with-retry.js';

/** Thrown to roll back an apply whose tables are not ready for it. */
export class Unprepared extends Error {
  constructor(readonly preparation: Preparation) {
    super('unprepared');
  }
}

/**
 * Repeats `apply` until its tables are ready: values that change their kind in large tables are copied here and now, beside the
 * writers of other nodes, which go on with the old catalog. A start that dies meanwhile goes on where it stopped.
 */
export async function applyPrepared<T>(db: Database, log: Log, apply: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await apply();
    } catch (error) {
      if (!(error instanceof Unprepared)) throw error;
      await prepare(db, log, error.preparation);
    }
  }
}

async function prepare(db: Database, log: Log, { steps, tasks }: Preparation): Promise<void> {
  log.info({ tasks }, 'values are copied into another kind before the catalog changes');
  if (steps.length > 0) {
    await db.transaction(async (tx) => mustKeepValues(await findLostValues(tx, steps)), { retries: 0 });
    await withRetry(log, () =>
      db.transaction((tx) => runDdl(tx, steps), { opening: exclusiveLock, lockTimeoutMs, retries: 0 }),
    );
  }
  const input = { db, log, signal: new AbortController().signal };
  await convertColumns(input);
  await buildPendingIndexes(input);
}
