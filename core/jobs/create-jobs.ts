import type PgBoss from 'pg-boss';
import type { Log } from '../base/log.js';
import { broken, invalid } from '../base/errors.js';
import { uuidv7 } from '../base/ids.js';
import { didYouMean } from '../base/suggest.js';
import type { ContextFactory, JobDefinition } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { bossSchema, createBoss, queueOptions } from './boss.js';
import { dispatchOutbox, pruneOutbox } from './dispatcher.js';
import {
  heartbeat,
  hasOtherNodes,
  leave,
  registerNode,
  reviveJobs,
  silenceSeconds,
  thisNode,
  type NodeName,
} from './nodes.js';
import { enqueuedJob, enqueueStatement, jobsChannel } from './outbox.js';
import { jobStats, listJobs, listSchedules, retryJob } from './overview.js';
import { createRhythm } from './rhythm.js';
import { createTail } from './tail.js';
import type { Jobs } from './types.js';
import { createWorker, type Worker } from './worker.js';

export interface JobsDeps {
  readonly db: Database;
  readonly log: Log;
  /** IANA zone in which schedules are meant. */
  readonly zone: string;
  /** Names of jobs that the state of the database asks for; asked every few seconds, and when a change of the tables says so. */
  readonly wanted?: () => Promise<readonly string[]>;
  /** Who this node is; absent: this process. */
  readonly node?: NodeName;
}

const stopPatienceMs = 10_000;

/** The job room. Jobs may be defined and enqueued before `start`; they run after it. */
export function createJobs(deps: JobsDeps): Jobs {
  const { db, log } = deps;
  const definitions = new Map<string, JobDefinition>();
  const boss = createBoss(db, log);
  const queues = createQueues(db, boss);
  const tail = createTail(db, log);
  const rhythm = createRhythm(log);
  let worker: Worker | null = null;
  let node = '';
  let isHeld = false;
  const wake = (): void => worker?.wake();

  const dispatch = rhythm.task(async () => {
    if (isHeld) return;
    const moved = await dispatchOutbox(db, boss, queues.ensure);
    if (moved > 0) wake();
  });
  const follow = rhythm.task(() => tail.poll());
  const enqueueWanted = rhythm.task(async () => {
    for (const name of isHeld ? [] : ((await deps.wanted?.()) ?? []))
      await db.query(enqueueStatement(enqueuedJob(uuidv7(), name, null, { singletonKey: name })));
  });

  const jobs: Jobs = {
    define(job) {
      if (definitions.has(job.name)) throw broken('job.defined_twice', `The job ${job.name} is defined twice.`);
      definitions.set(job.name, job);
    },
    async enqueue(ctx, name, payload, options) {
      if (!definitions.has(name))
        throw invalid('job.unknown', `There is no job "${name}".${didYouMean(name, definitions.keys())}`, {
          params: { name },
        });
      const statement = enqueueStatement(enqueuedJob(options?.id ?? ctx.newId(), name, payload, options));
      if (ctx.tx === null) await db.query(statement);
      else await ctx.tx.query(statement.text, statement.values);
    },
    async start(contexts: ContextFactory) {
      await boss.start();
      // What runs by the clock is what the nodes in step with the catalog say.
      if (!isHeld) {
        await queues.ensure([...definitions.keys()]);
        await schedule(db, boss, definitions, deps.zone);
      }
      node = await registerNode(db, deps.node ?? thisNode());
      await reviveJobs(db, node, log);
      worker = createWorker({ db, boss, contexts, log, node: () => node, definitions, isHeld: () => isHeld });
      rhythm.onStop(
        await db.listen(jobsChannel, (notice) => {
          if (notice === 'wanted') enqueueWanted();
          dispatch();
          wake();
        }),
      );
      rhythm.every(1_000, dispatch);
      rhythm.every(500, follow);
      rhythm.every(2_000, wake);
      rhythm.every((silenceSeconds * 1_000) / 3, rhythm.task(live));
      rhythm.every(
        60_000,
        rhythm.task(() => pruneOutbox(db)),
      );
      dispatch();
      wake();
      rhythm.task(live)();
    },
    async stop() {
      await rhythm.stop();
      const left = (await worker?.drain(stopPatienceMs)) ?? [];
      if (left.length > 0) log.warn({ jobs: left.length }, 'jobs did not end in time; put back');
      // Wait for none of pg-boss's own timers: what they do, another start does again.
      await boss.stop({ graceful: false, close: false });
      if (node !== '') await release(db, node);
    },
    hold(given) {
      const isNew = given && !isHeld;
      isHeld = given;
      if (isNew) handOver();
      if (worker === null) return;
      dispatch();
      wake();
    },
    hasOtherNodes: () => hasOtherNodes(db, node),
    list: (query) => listJobs(db, query),
    schedules: () => listSchedules(db),
    stats: () => jobStats(db),
    async retry(id) {
      await retryJob(db, id);
      wake();
    },
    onEvent(listener) {
      const off = tail.listen(listener);
      follow();
      return off;
    },
  };

  /** What runs here is aborted and put back for others. */
  const handOver = rhythm.task(async () => {
    worker?.abandon();
    if (node !== '') await putBack(db, node);
  });

  async function live(): Promise<void> {
    if (!(await heartbeat(db, node))) {
      // Others took this process for dead and run its jobs: it comes back as a new node.
      worker?.abandon();
      node = await registerNode(db, deps.node ?? thisNode());
    }
    await reviveJobs(db, node, log);
    enqueueWanted();
  }

  return jobs;
}

/** Queues that are known to exist; a missing one is made. */
function createQueues(db: Database, boss: PgBoss): { ensure(names: readonly string[]): Promise<void> } {
  const known = new Set<string>();
  return {
    async ensure(names) {
      if (names.every((name) => known.has(name))) return;
      const rows = await db.query<{ name: string }>({ text: `select name from ${bossSchema}.queue`, values: [] });
      rows.forEach(({ name }) => known.add(name));
      for (const name of names.filter((each) => !known.has(each))) {
        await boss.createQueue(name, { name, ...queueOptions });
        known.add(name);
      }
    },
  };
}

/** Brings pg-boss's schedules to what the definitions say. */
async function schedule(
  db: Database,
  boss: PgBoss,
  definitions: ReadonlyMap<string, JobDefinition>,
  zone: string,
): Promise<void> {
  const standing = new Map((await listSchedules(db)).map((each) => [each.name, `${each.cron} ${each.zone}`]));
  for (const { name, schedule: cron } of definitions.values()) {
    if (cron !== undefined && standing.get(name) !== `${cron} ${zone}`)
      await boss.schedule(name, cron, undefined, { tz: zone });
  }
  for (const name of standing.keys()) {
    if (definitions.get(name)?.schedule === undefined) await boss.unschedule(name);
  }
}

/** Puts back what still runs here and takes the node off the list. */
async function release(db: Database, node: string): Promise<void> {
  await putBack(db, node);
  await leave(db, node);
}

async function putBack(db: Database, node: string): Promise<void> {
  await db.query({
    text: `with mine as (delete from trellis.job_run where node = $1 returning job_id, queue)
update ${bossSchema}.job j set state = 'retry', start_after = now() from mine where j.name = mine.queue and j.id = mine.job_id and j.state = 'active'`,
    values: [node],
  });
}
