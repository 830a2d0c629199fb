import type { Log } from '../base/log.js';
import type { OutboxEvent } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

const batchSize = 500;

/** Follows the outbox from now on, for this node only; its place is kept in memory. */
export interface OutboxTail {
  /** Reads what was committed since and calls the listeners. Does nothing where nobody listens. */
  poll(): Promise<void>;
  listen(listener: (event: OutboxEvent) => void): () => void;
}

/** Makes a tail that stands at the present. */
export function createTail(db: Database, log: Log): OutboxTail {
  const listeners = new Set<(event: OutboxEvent) => void>();
  let place: { xid: string; id: string } | null = null;

  /** Everything below the oldest running transaction is past; what is still running will be new. */
  async function begin(): Promise<void> {
    const [now] = await db.query<{ xid: string }>({
      text: 'select pg_snapshot_xmin(pg_current_snapshot())::text as xid',
      values: [],
    });
    // Row ids start at 1: place (xid, 0) lies before the first row of that transaction.
    place ??= { xid: now.xid, id: '0' };
  }

  async function read(): Promise<void> {
    for (;;) {
      if (place === null) return;
      const rows = await db.query<OutboxEvent & { xid: string; id: string }>({
        text: tailSql,
        values: [place.xid, place.id],
      });
      if (rows.length === 0) return;
      const last = rows[rows.length - 1];
      place = { xid: last.xid, id: last.id };
      for (const { topic, payload } of rows) {
        for (const listener of listeners) notify(listener, { topic, payload });
      }
      if (rows.length < batchSize) return;
    }
  }

  function notify(listener: (event: OutboxEvent) => void, event: OutboxEvent): void {
    try {
      listener(event);
    } catch (error) {
      // One listener's fault must not keep the event from the others.
      log.error({ err: String(error), topic: event.topic }, 'event listener failed');
    }
  }

  return {
    async poll() {
      if (listeners.size === 0) {
        place = null;
        return;
      }
      if (place === null) await begin();
      await read();
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const tailSql = `select xid::text as xid, id::text as id, topic, payload from trellis.outbox
where (xid, id) > ($1::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
order by xid, id limit ${batchSize}`;
