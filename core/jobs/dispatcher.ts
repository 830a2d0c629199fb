import type PgBoss from 'pg-boss';
import type { Database } from '../storage/index.js';
import { inTransaction } from './boss.js';
import { jobsChannel, jobTopic, type EnqueuedJob } from './outbox.js';

/** Key of the advisory lock that makes one node at a time the dispatcher. */
const dispatchLock = 7_340_002;
const batchSize = 1_000;
/** Delivered rows are kept for a while, for nodes that tail them. */
const keepMinutes = 10;

/**
 * Moves the jobs of committed outbox rows into the queue: read, insert and cursor are one transaction, so that each gets there
 * exactly once. Returns how many jobs were moved. Does nothing while another node dispatches.
 */
export async function dispatchOutbox(
  db: Database,
  boss: PgBoss,
  ensureQueue: (names: readonly string[]) => Promise<void>,
): Promise<number> {
  let moved = 0;
  for (;;) {
    const batch = await peek(db);
    if (batch.rows === 0) return moved;
    // Queues are tables: made before and outside of the transaction that fills them.
    await ensureQueue([...new Set((batch.jobs ?? []).map((job) => job.name))]);
    const done = await deliver(db, boss);
    if (done === null) return moved;
    moved += done.jobs;
    if (done.rows < batchSize) return moved;
  }
}

/** Removes delivered rows that nobody needs any more, the audit neither. */
export async function pruneOutbox(db: Database): Promise<void> {
  await db.query({
    text: `delete from trellis.outbox o using trellis.outbox_cursor c, trellis.outbox_cursor a
where c.consumer = 'jobs' and (o.xid, o.id) <= (c.xid, c.id) and a.consumer = 'audit' and (o.xid, o.id) <= (a.xid, a.id) and o.created_at < now() - interval '${keepMinutes} minutes'`,
    values: [],
  });
}

interface Batch {
  rows: number;
  jobs: EnqueuedJob[] | null;
  xid: string | null;
  id: string | null;
}

async function peek(db: Database): Promise<Batch> {
  const [batch] = await db.query<Batch>({ text: batchSql, values: [] });
  return batch;
}

async function deliver(db: Database, boss: PgBoss): Promise<{ rows: number; jobs: number } | null> {
  return db.transaction(async (tx) => {
    const [{ mine }] = await tx.query<{ mine: boolean }>(`select pg_try_advisory_xact_lock(${dispatchLock}) as mine`);
    if (!mine) return null;
    const [batch] = await tx.query<Batch>(batchSql);
    if (batch.rows === 0) return { rows: 0, jobs: 0 };
    const jobs = (batch.jobs ?? []).map(asInsert);
    if (jobs.length > 0) {
      await boss.insert(jobs, inTransaction(tx) as PgBoss.InsertOptions);
      await tx.query(`select pg_notify('${jobsChannel}', '')`);
    }
    await tx.query(
      `insert into trellis.outbox_cursor (consumer, xid, id) values ('jobs', $1::xid8, $2::bigint)
on conflict (consumer) do update set xid = excluded.xid, id = excluded.id`,
      [batch.xid, batch.id],
    );
    return { rows: batch.rows, jobs: jobs.length };
  });
}

function asInsert(job: EnqueuedJob): PgBoss.JobInsert {
  return {
    id: job.id,
    name: job.name,
    data: job.data as object,
    singletonKey: job.singletonKey,
    ...(job.startAfter === null ? {} : { startAfter: job.startAfter }),
    ...(job.retries === null ? {} : { retryLimit: job.retries }),
  };
}

// Insert order is not commit order: a row is taken only when every transaction that began before it has ended.
const batchSql = `
with cursor as (
  select coalesce(max(xid::text), '0')::xid8 as xid, coalesce(max(id), 0) as id from trellis.outbox_cursor where consumer = 'jobs'
), batch as (
  select o.xid, o.id, o.topic, o.payload from trellis.outbox o, cursor
  where (o.xid, o.id) > (cursor.xid, cursor.id) and o.xid < pg_snapshot_xmin(pg_current_snapshot())
  order by o.xid, o.id limit ${batchSize}
), last as (
  select xid, id from batch order by xid desc, id desc limit 1
)
select (select count(*)::int from batch) as rows,
  (select json_agg(payload order by xid, id) from batch where topic = '${jobTopic}') as jobs,
  (select xid::text from last) as xid, (select id::text from last) as id`;
