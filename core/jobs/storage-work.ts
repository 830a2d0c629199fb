import type { Log } from '../base/log.js';
import type { JobDefinition } from '../sdk/index.js';
import {
  buildPendingIndexes,
  convertColumns,
  fillRollups,
  pendingWorkSql,
  purgeHistory,
  type BuildInput,
  type Database,
} from '../storage/index.js';
import { bossSchema } from './boss.js';
import { writeOutbox } from './outbox.js';

type WorkKey = 'indexes' | 'rollups' | 'history' | 'conversions' | 'changes' | 'audit';

/** What a change of the tables leaves to be done: pending kind of work → its job. */
const jobOf: Readonly<Record<WorkKey, string>> = {
  indexes: 'core.build-indexes',
  rollups: 'core.fill-rollups',
  history: 'core.purge-history',
  conversions: 'core.convert-columns',
  // Defined by whoever knows the change sets.
  changes: 'core.finish-changes',
  // Defined by the audit.
  audit: 'core.seal-audit',
};

/** Builds indexes, fills rollups, removes the history of purged fields, copies columns that change their kind; each without holding writers up, each going on after a crash. */
export function storageJobs(db: Database, log: Log): JobDefinition[] {
  const define = (key: WorkKey, work: (input: BuildInput) => Promise<void>): JobDefinition => ({
    name: jobOf[key],
    run: (ctx) =>
      work({
        db,
        log,
        signal: ctx.signal,
        onProgress: (progress, tx) =>
          writeOutbox(tx, [{ topic: 'storage.progress', payload: { id: progress.name, ...progress } }]),
      }),
  });
  return [
    define('indexes', buildPendingIndexes),
    define('rollups', fillRollups),
    define('history', purgeHistory),
    define('conversions', convertColumns),
  ];
}

/**
 * Names of the jobs above that the database asks for: their work is pending and no such job waits or runs. State, not a message,
 * so that whoever changed the tables need not know of jobs, and nothing is lost with a failed attempt. Rollups wait for indexes,
 * by which they find the children.
 */
export async function wantedStorageJobs(db: Database): Promise<string[]> {
  const [{ queued, ...pending }] = await db.query<Record<WorkKey, boolean> & { queued: string[] }>({
    text: `select p.*, array(select name from ${bossSchema}.job where name in (select unnest($1::text[])) and state < 'completed') as queued from (${pendingWorkSql}) p`,
    values: [Object.values(jobOf)],
  });
  const ready = { ...pending, rollups: pending.rollups && !pending.indexes };
  return (Object.keys(jobOf) as WorkKey[])
    .filter((key) => ready[key] && !queued.includes(jobOf[key]))
    .map((key) => jobOf[key]);
}
