import type { Json, Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { appendEntries } from './append.js';
import { linkHash, type Linked } from './chain.js';

/** Key of the advisory lock under which the chain grows or shrinks: one node at a time, so that it never forks. */
export const chainLock = 7_340_003;
const eventsAtOnce = 200;
const entriesAtOnce = 2_000;

/**
 * Seals what was committed before every transaction that still runs: changes of records become entries, and entries become links
 * of the chain, in the order of their commits. Each batch is one transaction, so that a kill leaves whole ones. Returns how many
 * were sealed; does nothing while another node seals.
 */
export async function sealEntries(database: Database, signal?: AbortSignal): Promise<number> {
  let sealed = 0;
  while (!signal?.aborted) {
    const done = await database.transaction(sealBatch);
    if (done === null) return sealed;
    sealed += done.entries;
    if (done.events < eventsAtOnce && done.entries < entriesAtOnce) return sealed;
  }
  return sealed;
}

async function sealBatch(tx: Tx): Promise<{ events: number; entries: number } | null> {
  const [{ mine, horizon }] = await tx.query<{ mine: boolean; horizon: string }>(
    `select pg_try_advisory_xact_lock(${chainLock}) as mine, pg_snapshot_xmin(pg_current_snapshot())::text as horizon`,
  );
  if (!mine) return null;
  const events = await takeEvents(tx, horizon);
  // An event left lies before entries of later commits: they wait for it.
  if (events === eventsAtOnce) return { events, entries: 0 };
  return { events, entries: await linkEntries(tx, horizon) };
}

interface EventRow {
  readonly xid: string;
  readonly id: string;
  readonly topic: string;
  readonly payload: { entity: string; operation: string; ids: string[] };
  /** As the records room's `authorOf` says it; null where a change tells of none. */
  readonly author: {
    actor?: string | null;
    request?: string;
    reason?: string | null;
    fields?: string[];
    actedBy?: string;
  } | null;
  readonly created_at: Date;
}

/** Makes entries of the changes that the outbox tells of, so that a write pays for none; returns how many rows were read. */
async function takeEvents(tx: Tx, horizon: string): Promise<number> {
  const rows = await tx.query<EventRow>(eventsText, [horizon]);
  const last = rows.at(-1);
  if (last === undefined) return 0;
  await appendEntries(
    tx,
    rows
      .filter(({ topic, payload }) => topic === 'record.changed' && Array.isArray(payload.ids))
      .map(({ payload: { entity, operation, ids }, author, created_at, xid }) => ({
        at: created_at,
        kind: 'records.changed',
        actor: author?.actor ?? null,
        requestId: author?.request ?? null,
        payload: {
          entity,
          operation,
          ids,
          ...(author?.fields ? { fields: author.fields } : {}),
          ...(author?.actedBy ? { actedBy: author.actedBy } : {}),
          ...(author?.reason ? { reason: author.reason } : {}),
        } satisfies Record<string, Json>,
        xid,
      })),
  );
  await tx.query(`update trellis.outbox_cursor set xid = $1::xid8, id = $2::bigint where consumer = 'audit'`, [
    last.xid,
    last.id,
  ]);
  return rows.length;
}

async function linkEntries(tx: Tx, horizon: string): Promise<number> {
  const [head] = await tx.query<{ seq: string; hash: Buffer }>('select seq, hash from trellis.audit_head');
  const rows = await tx.query<Omit<Linked, 'seq'>>(unsealedText, [horizon]);
  if (rows.length === 0) return 0;
  let seq = Number(head.seq);
  let { hash } = head;
  const links = rows.map((row) => {
    hash = linkHash(hash, { ...row, seq: String(++seq) });
    return { id: row.id, seq, hash: hash.toString('hex') };
  });
  await tx.query(linkText, [JSON.stringify(links)]);
  await tx.query('update trellis.audit_head set seq = $1, hash = $2, sealed_at = now()', [seq, hash]);
  return rows.length;
}

const eventsText = `select o.xid::text as xid, o.id::text as id, o.topic, o.payload, o.author, o.created_at
from trellis.outbox o, trellis.outbox_cursor c
where c.consumer = 'audit' and (o.xid, o.id) > (c.xid, c.id) and o.xid < $1::xid8
order by o.xid, o.id limit ${eventsAtOnce}`;

// A row from a time ahead came with a restore from another cluster: whoever wrote it has long ended.
const unsealedText = `select id, (extract(epoch from at) * 1000000)::bigint::text as at, kind, actor, request_id as "requestId",
  encode(payload_hash, 'hex') as "payloadHash"
from trellis.audit_entry where seq is null and (xid < $1::xid8 or xid >= pg_snapshot_xmax(pg_current_snapshot()))
order by xid, ord limit ${entriesAtOnce}`;

const linkText = `update trellis.audit_entry e set seq = g.seq, hash = decode(g.hash, 'hex')
from json_to_recordset($1::json) as g (id uuid, seq bigint, hash text) where e.id = g.id`;
