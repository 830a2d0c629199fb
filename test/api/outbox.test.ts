import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '../../core/base/log.js';
import { uuidv7 } from '../../core/base/ids.js';
import { createJobs, writeOutbox, type Jobs } from '../../core/jobs/index.js';
import type { ContextFactory, Ctx, JobDefinition, OutboxEvent, Tx } from '../../core/sdk/index.js';
import type { Database } from '../../core/storage/index.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';

let base: EmptyDatabase;
const started: Jobs[] = [];

beforeEach(async () => {
  base = await emptyDatabase();
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((jobs) => jobs.stop().catch(() => undefined)));
  await base.drop();
});

/** Only what enqueueing and job handlers touch of a context. */
function contextOn(tx: Tx | null, signal = new AbortController().signal): Ctx {
  return { tx, signal, log: silentLog, newId: () => uuidv7(), now: () => new Date() } as unknown as Ctx;
}

const contexts = {
  forActor: (_, options) => contextOn(null, options?.signal),
  system: () => contextOn(null),
  withActor: (ctx) => ctx,
} as ContextFactory;

async function startJobs(
  definitions: JobDefinition[],
  db: Database = base.db,
  node?: { host: string; pid: number; born: string },
): Promise<Jobs> {
  const jobs = createJobs({ db, log: silentLog, zone: 'UTC', node });
  definitions.forEach((definition) => jobs.define(definition));
  await jobs.start(contexts);
  started.push(jobs);
  return jobs;
}

async function until(check: () => boolean | Promise<boolean>, ms = 180_000): Promise<void> {
  for (const end = Date.now() + ms; !(await check()); await sleep(25)) {
    if (Date.now() > end) throw new Error('It did not happen in time.');
  }
}

/** Rows of the outbox that no dispatcher has seen. */
async function waitingEvents(): Promise<number> {
  const text = `select count(*)::integer as n from trellis.outbox
    where (xid, id) > (select xid, id from trellis.outbox_cursor where consumer = 'jobs')`;
  return (await base.db.query<{ n: number }>({ text, values: [] }))[0].n;
}

/** Opens a transaction that stays open until it is told to commit. */
async function heldTransaction(work: (tx: Tx) => Promise<void>): Promise<() => Promise<void>> {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  let worked = (): void => {};
  const begun = new Promise<void>((resolve) => (worked = resolve));
  const done = base.db.transaction(async (tx) => {
    await work(tx);
    worked();
    await gate;
  });
  await begun;
  return async () => {
    release();
    await done;
  };
}

test('an event of a transaction that was held open is not skipped by events committed meanwhile', async () => {
  const jobs = await startJobs([]);
  const seen: unknown[] = [];
  jobs.onEvent((event: OutboxEvent) => event.topic === 'test' && seen.push(event.payload));
  // The tail stands once it tells of something.
  for (; seen.length === 0; await sleep(25))
    await base.db.transaction((tx) => writeOutbox(tx, [{ topic: 'test', payload: 'marker' }]));
  const commitEarly = await heldTransaction((tx) => writeOutbox(tx, [{ topic: 'test', payload: 'began first' }]));
  await base.db.transaction((tx) => writeOutbox(tx, [{ topic: 'test', payload: 'committed first' }]));
  await sleep(1_500);
  // The later one waits: to deliver it now would move the cursor past the earlier one.
  const told = (): unknown[] => seen.filter((payload) => payload !== 'marker');
  expect(told()).toEqual([]);
  await commitEarly();
  await until(() => told().length === 2);
  expect(told()).toEqual(['began first', 'committed first']);
});

test('jobs enqueued in a held transaction and beside it all run, each once', async () => {
  const ran: unknown[] = [];
  const jobs = await startJobs([
    { name: 'test.note', concurrency: 4, run: async (_, payload) => void ran.push(payload) },
  ]);
  const commitEarly = await heldTransaction((tx) => jobs.enqueue(contextOn(tx), 'test.note', 'held'));
  for (let i = 0; i < 5; i++) await jobs.enqueue(contextOn(null), 'test.note', i);
  await sleep(500);
  await commitEarly();
  await until(() => ran.length >= 6);
  await sleep(500);
  expect(ran.map(String).sort()).toEqual(['0', '1', '2', '3', '4', 'held']);
});

test('a rolled-back transaction leaves no job', async () => {
  const ran: unknown[] = [];
  const jobs = await startJobs([{ name: 'test.note', run: async (_, payload) => void ran.push(payload) }]);
  const refused = base.db.transaction(async (tx) => {
    await jobs.enqueue(contextOn(tx), 'test.note', 'never');
    throw new Error('refused');
  });
  await expect(refused).rejects.toThrow('refused');
  await jobs.enqueue(contextOn(null), 'test.note', 'after');
  await until(() => ran.length > 0);
  expect(ran).toEqual(['after']);
});

test('two nodes dispatch every job once', async () => {
  const ran: unknown[] = [];
  const definition = (): JobDefinition => ({
    name: 'test.note',
    concurrency: 8,
    run: async (_, payload) => void ran.push(payload),
  });
  const one = await startJobs([definition()]);
  await startJobs([definition()], await base.connect());
  await Promise.all(Array.from({ length: 100 }, (_, i) => one.enqueue(contextOn(null), 'test.note', i)));
  await until(() => ran.length >= 100);
  await sleep(500);
  expect([...ran].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test('a job of a killed node runs again within seconds, and the killed one changes nothing any more', async () => {
  const attempts: string[] = [];
  let cut = false;
  let endFirst = (): void => {};
  const lost = await base.connect();
  // After the cut nothing of the first node reaches the database, as after kill -9.
  const cuttable = new Proxy(lost, {
    get: (target, key: keyof Database) => {
      const member = target[key];
      if (typeof member !== 'function') return member;
      return (...args: never[]) =>
        cut ? Promise.reject(new Error('killed')) : (member as (...given: never[]) => unknown).apply(target, args);
    },
  });
  const first = await startJobs(
    [
      {
        name: 'test.long',
        run: () =>
          new Promise((resolve) => {
            attempts.push('first');
            endFirst = resolve;
          }),
      },
    ],
    cuttable,
    // A process of this machine that does not exist.
    { host: (await import('node:os')).hostname(), pid: 2 ** 22 + 1, born: 'gone' },
  );
  await first.enqueue(contextOn(null), 'test.long', null);
  await until(() => attempts.length === 1);
  cut = true;
  const began = Date.now();
  const second = await startJobs([{ name: 'test.long', run: async () => void attempts.push('second') }]);
  await until(() => attempts.length === 2);
  expect(Date.now() - began).toBeLessThan(60_000);
  await until(async () => (await second.list({ limit: 10 }))[0].state === 'completed');
  // It comes back to life: what it reports now is no longer its to report.
  cut = false;
  endFirst();
  await sleep(300);
  expect(attempts).toEqual(['first', 'second']);
  expect(await second.list({ limit: 10 })).toMatchObject([{ state: 'completed', attempts: 2 }]);
});

test('stop waits for a running job', async () => {
  let end = (): void => {};
  const run = (): Promise<void> => new Promise((resolve) => (end = resolve));
  const jobs = await startJobs([{ name: 'test.long', run }]);
  await jobs.enqueue(contextOn(null), 'test.long', null);
  await until(async () => (await jobs.list({ state: 'active', limit: 1 })).length === 1);
  let stopped = false;
  const stopping = jobs.stop().then(() => (stopped = true));
  await sleep(300);
  expect(stopped).toBe(false);
  end();
  await stopping;
  expect((await jobs.list({ limit: 1 }))[0].state).toBe('completed');
});

test('a failing job is tried again, then shown as failed with its words, and runs when asked to', async () => {
  let broken = true;
  const jobs = await startJobs([
    {
      name: 'test.flaky',
      run: async () => {
        if (broken) throw new Error('the printer is on fire');
      },
    },
  ]);
  await jobs.enqueue(contextOn(null), 'test.flaky', null, { retries: 0 });
  await until(async () => (await jobs.list({ state: 'failed', limit: 10 })).length === 1);
  const [failed] = await jobs.list({ state: 'failed', limit: 10 });
  expect(failed).toMatchObject({
    name: 'test.flaky',
    attempts: 1,
    error: expect.stringContaining('the printer is on fire'),
  });
  broken = false;
  await jobs.retry(failed.id);
  await until(async () => (await jobs.list({ state: 'completed', limit: 10 })).length === 1);
  await expect(jobs.retry(failed.id)).rejects.toMatchObject({ code: 'job.not_failed' });
});

test('of one key one job waits while one runs', async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const jobs = await startJobs([
    {
      name: 'test.keyed',
      concurrency: 5,
      run: async () => {
        runs++;
        most = Math.max(most, ++running);
        await ended;
        running--;
      },
    },
  ]);
  await jobs.enqueue(contextOn(null), 'test.keyed', null, { singletonKey: 'k' });
  await until(() => running === 1);
  for (let i = 0; i < 5; i++) await jobs.enqueue(contextOn(null), 'test.keyed', null, { singletonKey: 'k' });
  await until(async () => (await waitingEvents()) === 0);
  end();
  await until(() => runs === 2 && running === 0);
  await sleep(1_000);
  expect({ runs, most }).toEqual({ runs: 2, most: 1 });
});

test('a schedule is listed, changed and removed with its definition', async () => {
  const first = await startJobs([{ name: 'test.nightly', schedule: '0 3 * * *', run: async () => {} }]);
  expect(await first.schedules()).toEqual([{ name: 'test.nightly', cron: '0 3 * * *', zone: 'UTC' }]);
  const second = await startJobs([{ name: 'test.nightly', run: async () => {} }]);
  expect(await second.schedules()).toEqual([]);
});

test('an unknown job is refused with a suggestion', async () => {
  const jobs = await startJobs([{ name: 'test.note', run: async () => {} }]);
  await expect(jobs.enqueue(contextOn(null), 'test.noet', null)).rejects.toMatchObject({
    code: 'job.unknown',
    message: expect.stringContaining('Did you mean "test.note"'),
  });
});

test('a start on a known database is quick', async () => {
  const first = await startJobs([{ name: 'test.note', run: async () => {} }]);
  await first.stop();
  const began = performance.now();
  await startJobs([{ name: 'test.note', run: async () => {} }]);
  expect(performance.now() - began).toBeLessThan(10_000);
});
