import type { Ctx } from './context.js';
import type { Json } from './records.js';

export interface JobOptions {
  /** Id under which it will be known, a UUID; absent: a new one. */
  id?: string;
  /** Only one job of this name and key waits or runs at a time. */
  singletonKey?: string;
  /** Not before this instant. */
  startAfter?: Date;
  /** Attempts after the first; absent: 5, with exponential back-off. */
  retries?: number;
}

/** Enqueues through the outbox: the job exists exactly if the transaction commits. */
export interface JobsApi {
  enqueue(ctx: Ctx, name: string, payload: Json, options?: JobOptions): Promise<void>;
}

export interface JobDefinition<Payload extends Json = Json> {
  /** `plugin.verb-object`, e.g. `core.run-import`. */
  name: string;
  /** Cron line in the workspace's zone, for a schedule; the payload is then null. */
  schedule?: string;
  /** How many run at once on a node; absent: 1. */
  concurrency?: number;
  /** Runs at least once: must be safe to repeat after a crash. */
  run(ctx: Ctx, payload: Payload): Promise<void>;
}

/** What storage or catalog may ask of the job room above them; bound by app.module. */
export interface JobQueue {
  define(job: JobDefinition): void;
  enqueue(ctx: Ctx, name: string, payload: Json, options?: JobOptions): Promise<void>;
}

/** A change or progress seen by `/api/events`, written as an outbox row in the same transaction. */
export interface OutboxEvent {
  /** `record.changed`, `job.enqueued`, `import.progress`, `catalog.changed` … */
  topic: string;
  payload: Json;
}
