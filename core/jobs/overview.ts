import { conflict, missing } from '../base/errors.js';
import type { Database } from '../storage/index.js';
import { bossSchema } from './boss.js';
import type { JobInfo, JobState, JobStats, ScheduleInfo } from './types.js';

/** What the administrator sees of the queue; pg-boss's own queues are left out, and so is what is done of jobs that run all the time, unless asked for by name. */
export async function listJobs(
  db: Database,
  query: { state?: JobState; name?: string; limit: number },
): Promise<JobInfo[]> {
  return db.query<JobInfo>({
    text: listSql,
    values: [query.state ?? null, query.name ?? null, Math.min(500, Math.max(1, query.limit))],
  });
}

export async function listSchedules(db: Database): Promise<ScheduleInfo[]> {
  return db.query<ScheduleInfo>({
    text: `select name, cron, coalesce(timezone, 'UTC') as zone from ${bossSchema}.schedule order by name`,
    values: [],
  });
}

export async function jobStats(db: Database): Promise<JobStats> {
  const [stats] = await db.query<JobStats>({ text: statsSql, values: [] });
  return stats;
}

/** Puts a failed job back with one more attempt. Throws job.not_found, job.not_failed. */
export async function retryJob(db: Database, id: string): Promise<void> {
  const [job] = await db.query<{ state: JobState; retried: boolean }>({ text: retrySql, values: [id] });
  if (job === undefined) throw missing('job.not_found', 'There is no such job.');
  if (!job.retried) throw conflict('job.not_failed', `Only a failed job can be run again; this one is ${job.state}.`);
}

const iso = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = 'id, name, state, created_on, started_on, completed_on, start_after, retry_count, retry_limit, output';

/** These run every few seconds while others work: the rest would be lost among them. */
const constant = ['core.seal-audit'];

const listSql = `
select id, name, state::text as state, ${iso('created_on')} as "createdAt", ${iso('started_on')} as "startedAt",
  ${iso('completed_on')} as "completedAt", ${iso('start_after')} as "startAfter",
  retry_count + case when started_on is null then 0 else 1 end as attempts, retry_limit as "retryLimit",
  case when state in ('failed', 'retry') then coalesce(output->>'message', output->'value'->>'message', output::text) end as error
from (select ${columns} from ${bossSchema}.job union all select ${columns} from ${bossSchema}.archive) j
where left(name, 2) <> '__' and ($1::text is null or state = $1::${bossSchema}.job_state) and (name = $2 or $2::text is null and (state <> 'completed' or name not in (${constant.map((name) => `'${name}'`).join(', ')})))
order by created_on desc, id desc limit $3`;

const statsSql = `
select count(*) filter (where state < 'active')::int as waiting, count(*) filter (where state = 'active')::int as active,
  count(*) filter (where state = 'failed')::int as failed,
  coalesce((
    select extract(epoch from now() - min(o.created_at))::int from trellis.outbox o
    where (o.xid, o.id) > (select coalesce(max(xid::text), '0')::xid8, coalesce(max(id), 0) from trellis.outbox_cursor where consumer = 'jobs')
  ), 0) as "outboxLagSeconds"
from ${bossSchema}.job where left(name, 2) <> '__'`;

const retrySql = `
with job as (select id, name, state from ${bossSchema}.job where id = $1), again as (
  update ${bossSchema}.job j set state = 'retry', retry_limit = j.retry_limit + 1, start_after = now(), completed_on = null
  from job where j.name = job.name and j.id = job.id and job.state = 'failed' returning 1
)
select state::text as state, exists(select 1 from again) as retried from job`;
