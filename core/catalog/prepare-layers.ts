import type { Log } from '../base/log.js';
import {
  buildPendingIndexes,
  convertColumns,
  findLostValues,
  mustKeepValues,
  planAbandoning,
  readShape,
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
  let isPrepared = false;
  for (;;) {
    try {
      return await apply();
    } catch (error) {
      if (!(error instanceof Unprepared)) {
        if (isPrepared) await dropUnclaimed(db, log);
        throw error;
      }
      isPrepared = true;
      await prepare(db, log, error.preparation);
    }
  }
}

/** Drops copies that no change set waits for: what they were begun for did not come, or not yet and begins them again. */
export async function dropUnclaimed(db: Database, log: Log): Promise<void> {
  await withRetry({ db, log }, () =>
    db.transaction(
      async (tx) => {
        const left = await tx.query<{ key: string }>(unclaimedSql);
        if (left.length === 0) return;
        const steps = planAbandoning(
          await readShape(tx),
          left.map(({ key }) => key),
        );
        await runDdl(tx, steps);
      },
      { opening: exclusiveLock, lockTimeoutMs, retries: 0 },
    ),
  );
}

/** Keys of such copies. */
export const unclaimedSql = `select k.key from trellis.storage_task k where k.kind = 'convert-column'
  and not exists (select 1 from trellis.change_set c where c.state = 'preparing' and k.key = any(c.preparing))`;

async function prepare(db: Database, log: Log, { steps, tasks }: Preparation): Promise<void> {
  log.info({ tasks }, 'values are copied into another kind before the catalog changes');
  if (steps.length > 0) {
    await db.transaction(async (tx) => mustKeepValues(await findLostValues(tx, steps)), { retries: 0 });
    await withRetry({ db, log }, () =>
      db.transaction((tx) => runDdl(tx, steps), { opening: exclusiveLock, lockTimeoutMs, retries: 0 }),
    );
  }
  const input = { db, log, signal: new AbortController().signal };
  await convertColumns(input);
  await buildPendingIndexes(input);
}
