import type { Json, JobOptions, OutboxEvent, Tx } from '../sdk/index.js';
import { wantedChannel } from '../storage/index.js';

/** Topic of the rows that the dispatcher turns into jobs. */
export const jobTopic = 'job.enqueued';
/** Channel on which a node tells the others that there is something to do; the notice `wanted` says that the tables want a job. */
export const jobsChannel = wantedChannel;

/** A job on its way through the outbox. The id is given here, so that delivering twice makes one job. */
export interface EnqueuedJob {
  readonly id: string;
  readonly name: string;
  readonly data: Json;
  readonly singletonKey: string;
  /** ISO instant, or null: at once. */
  readonly startAfter: string | null;
  /** Attempts after the first, or null: the queue's own. */
  readonly retries: number | null;
}

/**
 * For a CTE: inserts the rows of a query of two columns, `topic` text and `payload` jsonb, in the same statement as the change
 * they tell of.
 */
export function outboxInsertSql(select: string): string {
  return `insert into trellis.outbox (topic, payload) ${select}`;
}

/** Writes events in the caller's transaction, all in one statement. */
export async function writeOutbox(tx: Tx, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    outboxInsertSql('select topic, payload from json_to_recordset($1::json) as r(topic text, payload jsonb)'),
    [JSON.stringify(events)],
  );
}

/** The statement that enqueues a job; it also wakes the dispatchers, when and if the transaction commits. */
export function enqueueStatement(job: EnqueuedJob): { text: string; values: unknown[] } {
  return {
    text: `with written as (${outboxInsertSql('select $1::text, $2::jsonb')} returning 1) select pg_notify('${jobsChannel}', '') from written`,
    values: [jobTopic, JSON.stringify(job)],
  };
}

/** What the options of a caller mean for a job of that id. */
export function enqueuedJob(id: string, name: string, data: Json, options: JobOptions = {}): EnqueuedJob {
  // pg-boss keeps one job a state and key; without a key of the caller's each job gets its own.
  return {
    id,
    name,
    data,
    singletonKey: options.singletonKey ?? id,
    startAfter: options.startAfter?.toISOString() ?? null,
    retries: options.retries ?? null,
  };
}
