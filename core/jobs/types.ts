import type { ContextFactory, JobQueue, OutboxEvent } from '../sdk/index.js';

/** Where a job stands. `retry`: failed once, waits for its next attempt. */
export type JobState = 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';

/** One job, as the administrator sees it. Instants are ISO, UTC. */
export interface JobInfo {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  /** Not before this instant. */
  readonly startAfter: string;
  readonly attempts: number;
  readonly retryLimit: number;
  /** Words of the last failure, or null. */
  readonly error: string | null;
}

/** A job that runs by the clock. */
export interface ScheduleInfo {
  readonly name: string;
  /** Cron line: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  readonly zone: string;
}

/** How full the queue is. */
export interface JobStats {
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
  /** Seconds that the oldest undelivered outbox row has waited; 0 where there is none. */
  readonly outboxLagSeconds: number;
}

/** The job room: the queue that all rooms use, and what the administrator's page asks. */
export interface Jobs extends JobQueue {
  /** Installs pg-boss where needed, takes back jobs of dead nodes, begins to run and to schedule. */
  start(contexts: ContextFactory): Promise<void>;
  /** Takes no more jobs, waits up to 10 s for running ones, then aborts their signals and puts them back. */
  stop(): Promise<void>;
  /** While held, this node takes, delivers and orders no jobs; it still says that it lives. May be called before `start`. */
  hold(isHeld: boolean): void;
  /** True where another node of this workspace lives. */
  hasOtherNodes(): Promise<boolean>;
  /** Newest first. `limit` 1–500. */
  list(query: { state?: JobState; name?: string; limit: number }): Promise<JobInfo[]>;
  schedules(): Promise<ScheduleInfo[]>;
  stats(): Promise<JobStats>;
  /** Runs a failed job again. Throws job.not_found, job.not_failed. */
  retry(id: string): Promise<void>;
  /**
   * Calls back with every committed outbox row from now on, in (xid, id) order, on every node. Returns how to stop. A listener
   * must not throw and must not wait.
   */
  onEvent(listener: (event: OutboxEvent) => void): () => void;
}

/** Nest injection token of `Jobs`. */
export const JOBS = Symbol('JOBS');
