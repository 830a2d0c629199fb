import type { Log } from '../base/log.js';
import type { ReadLog, SensitiveRead } from '../records/index.js';
import type { Json } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { appendEntries } from './append.js';

/** Writes noted reads into the audit, many in one statement, soon after the answers went out. */
export interface ReadWriter {
  /** Writes what waits, and ends. */
  stop(): Promise<void>;
}

const everyMs = 500;
const readsAtOnce = 500;

/** Begins to write. A kill loses the reads of the last half second; a database that is away loses none while the process lives. */
export function createReadWriter(database: Database, reads: ReadLog, log: Log): ReadWriter {
  let running: Promise<void> | null = null;
  const write = (): Promise<void> => {
    running ??= writeAll(database, reads)
      .catch((error: unknown) => log.warn({ err: String(error) }, 'reads of sensitive fields not written yet'))
      .finally(() => (running = null));
    return running;
  };
  const timer = setInterval(() => void write(), everyMs).unref();
  reads.follow(() => void write());
  return {
    async stop() {
      clearInterval(timer);
      await write();
      // What came while the last batch was written.
      await write();
    },
  };
}

async function writeAll(database: Database, reads: ReadLog): Promise<void> {
  for (;;) {
    const taken = reads.take(readsAtOnce);
    if (taken.length === 0) return;
    try {
      await appendEntries({ query: (text, values = []) => database.query({ text, values }) }, taken.map(toEntry));
    } catch (error) {
      reads.putBack(taken);
      throw error;
    }
  }
}

function toEntry({ at, actor, actedBy, requestId, how, entity, fields, ids }: SensitiveRead) {
  const payload: Record<string, Json> = {
    entity,
    how,
    fields: [...fields],
    ids: [...ids],
    ...(actedBy ? { actedBy } : {}),
  };
  return { at, kind: how === 'file' ? 'file.downloaded' : 'records.read', actor, requestId, payload };
}
