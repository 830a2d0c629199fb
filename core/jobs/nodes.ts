import { hostname } from 'node:os';
import { uuidv7 } from '../base/ids.js';
import { isAlive, processBirth } from '../base/process-identity.js';
import type { Log } from '../base/log.js';
import type { Database } from '../storage/index.js';
import { bossSchema } from './boss.js';

/** Seconds of silence after which a node counts as dead; it says that it lives every third of it. */
export const silenceSeconds = 15;

/** Who a node is, to others on the same machine: host, process id, start of the process. */
export interface NodeName {
  readonly host: string;
  readonly pid: number;
  readonly born: string;
}

/** This process. */
export function thisNode(): NodeName {
  return { host: hostname(), pid: process.pid, born: processBirth(process.pid) };
}

/** Makes the node known; returns its id. */
export async function registerNode(db: Database, name: NodeName): Promise<string> {
  const id = uuidv7();
  await db.query({
    text: 'insert into trellis.job_node (id, name) values ($1, $2)',
    values: [id, JSON.stringify(name)],
  });
  return id;
}

/** Says that the node lives. False where others gave it up meanwhile (this process slept): its jobs run elsewhere now. */
export async function heartbeat(db: Database, id: string): Promise<boolean> {
  const rows = await db.query({
    text: 'update trellis.job_node set seen_at = now() where id = $1 returning 1',
    values: [id],
  });
  return rows.length > 0;
}

/**
 * Puts the running jobs of dead nodes back, at once and without back-off; one that has used up its attempts fails. A node is
 * dead when it is silent for too long, or is a process of this machine that is gone.
 */
export async function reviveJobs(db: Database, self: string, log: Log): Promise<void> {
  const nodes = await db.query<{ id: string; name: string; silent: boolean }>({
    text: `select id, name, seen_at < now() - make_interval(secs => ${silenceSeconds}) as silent from trellis.job_node where id <> $1`,
    values: [self],
  });
  const dead = nodes.filter(({ name, silent }) => silent || isGone(JSON.parse(name) as NodeName)).map(({ id }) => id);
  if (dead.length === 0) return;
  const [{ revived }] = await db.query<{ revived: number }>({ text: reviveSql, values: [dead] });
  if (revived > 0) log.warn({ jobs: revived, nodes: dead.length }, 'jobs of a dead node put back');
}

/** True where a node other than `self` ('': this process has none yet) has lately said that it lives. */
export async function hasOtherNodes(db: Database, self: string): Promise<boolean> {
  const nodes = await db.query<{ name: string }>({
    text: `select name from trellis.job_node where id::text <> $1 and seen_at >= now() - make_interval(secs => ${silenceSeconds})`,
    values: [self],
  });
  return nodes.some(({ name }) => !isGone(JSON.parse(name) as NodeName));
}

/** Takes the node off the list. */
export async function leave(db: Database, id: string): Promise<void> {
  await db.query({ text: 'delete from trellis.job_node where id = $1', values: [id] });
}

// Two that do this at once: the second finds the rows deleted and does nothing.
const reviveSql = `
with dead as (
  delete from trellis.job_node where id in (select unnest($1::uuid[]))
), lost as (
  delete from trellis.job_run where node in (select unnest($1::uuid[])) returning job_id, queue
), revived as (
  update ${bossSchema}.job j set
    state = case when j.retry_count < j.retry_limit then 'retry' else 'failed' end::${bossSchema}.job_state,
    start_after = now(),
    completed_on = case when j.retry_count < j.retry_limit then null else now() end,
    output = '{"message":"The node that ran it died."}'
  from lost where j.name = lost.queue and j.id = lost.job_id and j.state = 'active'
  returning 1
)
select count(*)::int as revived from revived`;

function isGone(node: NodeName): boolean {
  return node.host === hostname() && !(isAlive(node.pid) && node.born === processBirth(node.pid));
}
