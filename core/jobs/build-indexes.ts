import type { Log } from '../base/log.js';
import type { JobDefinition } from '../sdk/index.js';
import { buildPendingIndexes, type Database } from '../storage/index.js';
import { bossSchema } from './boss.js';

const name = 'core.build-indexes';

/** Builds the indexes that `runDdl` left pending, without blocking writers. */
export function buildIndexesJob(db: Database, log: Log): JobDefinition {
  return { name, run: (ctx) => buildPendingIndexes(db, log, ctx.signal) };
}

/**
 * Whether the database asks for the job above: an index is pending and no such job waits or runs. State, not a message, so
 * that whoever changed the tables need not know of jobs, and nothing is lost with a failed attempt.
 */
export async function indexesArePending(db: Database): Promise<string | null> {
  const [{ pending }] = await db.query<{ pending: boolean }>({
    text: `select exists (select 1 from trellis.index_state where state = 'pending')
  and not exists (select 1 from ${bossSchema}.job where name = $1 and state < 'completed') as pending`,
    values: [name],
  });
  return pending ? name : null;
}
