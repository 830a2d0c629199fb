import PgBoss from 'pg-boss';
import type { Log } from '../base/log.js';
import type { Tx } from '../sdk/index.js';
import { isRetryable, type Database } from '../storage/index.js';

/** Schema of PostgreSQL that belongs to pg-boss. */
export const bossSchema = 'trellis_jobs';

/**
 * How queues behave: at most one job a key waits and one runs (`stately`); failures are tried again with exponential
 * back-off. pg-boss's own time-out is out of the way: dead nodes are noticed by their heartbeat.
 */
export const queueOptions = {
  policy: 'stately',
  retryLimit: 5,
  retryDelay: 2,
  retryBackoff: true,
  expireInSeconds: 23 * 3600,
} as const;

/** A pg-boss that talks through our pool. */
export function createBoss(db: Database, log: Log): PgBoss {
  const boss = new PgBoss({
    schema: bossSchema,
    db: { executeSql: (text, values) => execute(db, text, values) },
    archiveCompletedAfterSeconds: 24 * 3600,
    archiveFailedAfterSeconds: 14 * 24 * 3600,
    deleteAfterDays: 14,
    cronWorkerIntervalSeconds: 10,
  });
  boss.on('error', (error) => log.warn({ err: error.message }, 'job queue'));
  return boss;
}

/** The `db` option of pg-boss's verbs: what it does becomes part of the transaction. */
export function inTransaction(tx: Tx): { db: PgBoss.Db } {
  return { db: { executeSql: async (text, values) => ({ rows: await tx.query(text, values ?? []) }) } };
}

/** Two nodes that start at once make their queues at once and lock each other's partitions; one of them is told to try again. */
async function execute(
  db: Database,
  text: string,
  values: unknown[] | undefined,
  attempts = 5,
): Promise<{ rows: unknown[] }> {
  try {
    const batch = /^\s*begin;([\s\S]*)commit;\s*$/i.exec(text);
    // Several statements in one text can not be prepared, which `query` would do on the third use.
    if (batch !== null)
      return { rows: await db.transaction(async (_, opened) => opened, { opening: batch[1], retries: 0 }) };
    return { rows: await db.query({ text, values: values ?? [] }) };
  } catch (error) {
    if (attempts > 1 && isRetryable(error)) return execute(db, text, values, attempts - 1);
    // pg-boss reads the server's own words ("already exists") to tell a race from a fault.
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  }
}
