import type PgBoss from 'pg-boss';
import type { Log } from '../base/log.js';
import { isTrellisError } from '../base/errors.js';
import type { ContextFactory, Json, JobDefinition } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { bossSchema, inTransaction } from './boss.js';
import { writeOutbox } from './outbox.js';

export interface WorkerDeps {
  readonly db: Database;
  readonly boss: PgBoss;
  readonly contexts: ContextFactory;
  readonly log: Log;
  /** Id of this node, as of now. */
  readonly node: () => string;
  readonly definitions: ReadonlyMap<string, JobDefinition>;
  /** True: no job is to be taken now. */
  readonly isHeld: () => boolean;
}

/** Fetches and runs jobs of the defined names, each name up to its concurrency. */
export interface Worker {
  /** Looks for work now; calls during a look are answered by one more look. */
  wake(): void;
  /** Aborts the signals of running jobs: others run them now. */
  abandon(): void;
  /** Waits for running jobs up to `patienceMs`, aborts the rest; resolves with the ids that did not end by themselves. */
  drain(patienceMs: number): Promise<string[]>;
}

interface Running {
  readonly id: string;
  readonly name: string;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

export function createWorker(deps: WorkerDeps): Worker {
  const { db, boss, log } = deps;
  const running = new Map<string, Running>();
  let draining = false;
  let looking: Promise<void> | null = null;
  let lookAgain = false;

  async function look(): Promise<void> {
    const ready = await db.query<{ name: string }>({ text: readySql, values: [[...deps.definitions.keys()]] });
    for (const { name } of ready) {
      const definition = deps.definitions.get(name) as JobDefinition;
      while (!draining && !deps.isHeld() && count(name) < (definition.concurrency ?? 1)) {
        const job = await take(name);
        if (job === null) break;
        run(definition, job);
      }
    }
  }

  function count(name: string): number {
    return [...running.values()].filter((job) => job.name === name).length;
  }

  /** Fetching and noting who runs it are one transaction: no job is ever active without a node. */
  async function take(name: string): Promise<{ id: string; data: Json } | null> {
    return db.transaction(async (tx) => {
      const [job] = await boss.fetch<Json & object>(name, inTransaction(tx) as PgBoss.FetchOptions);
      if (job === undefined) return null;
      await tx.query(
        'insert into trellis.job_run (job_id, queue, node) values ($1, $2, $3) on conflict (job_id) do update set node = excluded.node, started_at = now()',
        [job.id, name, deps.node()],
      );
      await writeOutbox(tx, [{ topic: 'job.changed', payload: { id: job.id, name, state: 'active' } }]);
      return { id: job.id, data: job.data ?? null };
    });
  }

  function run(definition: JobDefinition, job: { id: string; data: Json }): void {
    const abort = new AbortController();
    const ended = perform(definition, job, abort).finally(() => {
      running.delete(job.id);
      wake();
    });
    running.set(job.id, { id: job.id, name: definition.name, abort, ended });
  }

  async function perform(
    definition: JobDefinition,
    job: { id: string; data: Json },
    abort: AbortController,
  ): Promise<void> {
    const began = Date.now();
    const jobLog = log.child({ job: definition.name, jobId: job.id });
    try {
      const actor = { kind: 'system', reason: `job ${definition.name}`, onBehalfOf: null } as const;
      await definition.run(deps.contexts.forActor(actor, { signal: abort.signal, requestId: job.id }), job.data);
      await finish(definition.name, job.id, null);
      jobLog.info({ ms: Date.now() - began }, 'job done');
    } catch (error) {
      // An aborted one is put back by whoever aborted it.
      if (abort.signal.aborted) return;
      jobLog.error(
        { ms: Date.now() - began, err: String(error), code: isTrellisError(error) ? error.code : undefined },
        'job failed',
      );
      await finish(definition.name, job.id, error instanceof Error ? error : new Error(String(error))).catch(
        (cause: unknown) => jobLog.error({ err: String(cause) }, 'job result not written'),
      );
    }
  }

  /** Writes the outcome, unless the job was given to another node meanwhile. */
  async function finish(name: string, id: string, error: Error | null): Promise<void> {
    await db.transaction(async (tx) => {
      const mine = await tx.query('delete from trellis.job_run where job_id = $1 and node = $2 returning 1', [
        id,
        deps.node(),
      ]);
      if (mine.length === 0) return;
      if (error === null) await boss.complete(name, id, {}, inTransaction(tx) as PgBoss.ConnectionOptions);
      else await boss.fail(name, id, failureOutput(error), inTransaction(tx) as PgBoss.ConnectionOptions);
      await writeOutbox(tx, [
        { topic: 'job.changed', payload: { id, name, state: error === null ? 'completed' : 'failed' } },
      ]);
    });
  }

  function wake(): void {
    if (draining || deps.isHeld()) return;
    if (looking !== null) {
      lookAgain = true;
      return;
    }
    looking = look()
      .catch((error: unknown) => log.warn({ err: String(error) }, 'looking for jobs failed'))
      .finally(() => {
        looking = null;
        if (lookAgain) {
          lookAgain = false;
          wake();
        }
      });
  }

  return {
    wake,
    abandon: () => running.forEach((job) => job.abort.abort()),
    async drain(patienceMs) {
      draining = true;
      await looking;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
      await Promise.race([Promise.all([...running.values()].map((job) => job.ended)), patience]);
      clearTimeout(timer);
      const left = [...running.values()];
      left.forEach((job) => job.abort.abort());
      return left.map((job) => job.id);
    },
  };
}

function failureOutput(error: Error): object {
  return { message: error.message, ...(isTrellisError(error) ? { code: error.code } : {}) };
}

const readySql = `select name from ${bossSchema}.job where name in (select unnest($1::text[])) and state < 'active' and start_after <= now() group by name`;
