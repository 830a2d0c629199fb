import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../base/log.js';
import type { Statement, Tx } from '../../sdk/index.js';
import { pgCode } from '../database-errors.js';
import type { Database } from '../types.js';
import { becomeBuilder, letChangesPass } from './make-way.js';
import { dataSchema, qualified } from './names.js';
import { wantedChannel } from './run.js';

/** How far a piece of work after a change of the tables is. */
export interface StorageProgress {
  readonly kind: 'index' | 'fill-rollup' | 'purge-history' | 'convert-column' | 'fill-number';
  /** Name of the index, key of the task. */
  readonly name: string;
  readonly entity: string;
  readonly state: 'pending' | 'active' | 'failed' | 'done';
  readonly done: number;
  readonly total: number;
}

export interface BuildInput {
  readonly db: Database;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Told of each state that was written, in the same transaction where there is one. */
  readonly onProgress?: (progress: StorageProgress, tx: Pick<Tx, 'query'>) => Promise<void>;
}

/** Rows with a value that stands twice, at most so many values of so many rows. */
const duplicatesListed = 20;
const idsListed = 10;
const progressEveryMs = 1_000;
/** How often a builder asks whether the one of another node is done. */
const turnEveryMs = 200;

/**
 * Builds the pending indexes one by one without blocking writers; safe to repeat after a crash (an invalid leftover is dropped
 * first), and beside itself on another node (one waits for the other). A change of the table that an index is for cancels the build,
 * which begins anew after it. A unique that meets duplicates ends as `failed` with the values and ids of the rows; other errors are
 * thrown, to be retried.
 */
export async function buildPendingIndexes(input: BuildInput): Promise<void> {
  const { db, signal } = input;
  const [{ isAsked }] = await db.query<{ isAsked: boolean }>({
    text: `select exists (select 1 from trellis.index_state where state = 'pending') as "isAsked"`,
    values: [],
  });
  if (!isAsked) return;
  await db.session(async (session) => {
    while (!(await becomeBuilder(session))) await sleep(turnEveryMs, undefined, { signal });
    // However long a build takes, from here on it is only cancelled on purpose.
    const [{ pid }] = await session.query<{ pid: number }>(
      `select pg_backend_pid() as pid, set_config('statement_timeout', '0', false)`,
    );
    const stopCancelling = cancelOnAbort(db, signal, pid);
    try {
      do signal.throwIfAborted();
      while (await buildNext(input, session));
    } finally {
      stopCancelling();
    }
  });
  // What waits for indexes need not wait for the next look.
  await db.query({ text: `select pg_notify('${wantedChannel}', 'wanted')`, values: [] });
}

/** Cancels what the session runs from the abort on, again and again: one that comes between two statements cancels nothing. */
function cancelOnAbort(db: Database, signal: AbortSignal, pid: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void =>
    void db.query({ text: 'select pg_cancel_backend($1::int)', values: [pid] }).catch(() => undefined);
  const begin = (): void => {
    cancel();
    timer = setInterval(cancel, turnEveryMs);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return () => {
    signal.removeEventListener('abort', begin);
    clearInterval(timer);
  };
}

/** False where nothing is pending any more; what is, is asked each time: a change may have come in between. */
async function buildNext(input: BuildInput, session: Tx): Promise<boolean> {
  const { log } = input;
  let built: Settled;
  const began = Date.now();
  try {
    await letChangesPass(session);
    const [next] = await session.query<Pending>(
      `select name, entity, definition from trellis.index_state where state = 'pending' order by updated_at, name limit 1`,
    );
    if (next === undefined) return false;
    built = await build(input, session, next);
  } catch (error) {
    if (pgCode(error) !== '57014') throw error;
    log.info({}, 'an index is built later: its table is being changed');
    return true;
  }
  if (!(await settle(input, built))) await dropUnwanted(input, session, built.name);
  else if (built.state === 'active') log.info({ index: built.name, ms: Date.now() - began }, 'index built');
  else log.warn({ index: built.name }, 'unique index not built: existing records hold duplicates');
  return true;
}

async function build(input: BuildInput, session: Tx, pending: Pending): Promise<Settled> {
  const { name, entity, definition } = pending;
  await dropInvalid(session, name);
  const stopWatching = watch(input, name, entity);
  try {
    input.signal.throwIfAborted();
    await session.query(definition);
    return { ...pending, state: 'active', error: null, duplicates: null };
  } catch (error) {
    const duplicates = pgCode(error) === '23505' ? await findDuplicates(session, name) : null;
    // What was cancelled makes way at once; the next try drops what it left.
    if (pgCode(error) !== '57014') await dropInvalid(session, name);
    if (duplicates === null) throw error;
    return { ...pending, state: 'failed', error: duplicateText(error), duplicates };
  } finally {
    await stopWatching();
  }
}

interface Pending {
  readonly name: string;
  readonly entity: string;
  readonly definition: string;
}

interface Settled extends Pending {
  readonly state: 'active' | 'failed';
  readonly error: string | null;
  readonly duplicates: readonly Duplicate[] | null;
}

/** A value that several records have. */
interface Duplicate {
  readonly value: Readonly<Record<string, unknown>>;
  readonly rows: number;
  readonly ids: readonly string[];
}

/** False where a change has meanwhile asked for another index of this name, or for none: what was built says nothing then. */
function settle({ db, onProgress }: BuildInput, settled: Settled): Promise<boolean> {
  const { name, entity, definition, state, error, duplicates } = settled;
  return db.transaction(async (tx) => {
    const [row] = await tx.query(
      `update trellis.index_state set state = $2, error = $3, duplicates = $4::jsonb, done = null, total = null, updated_at = now() where name = $1 and definition = $5 and state = 'pending' returning name`,
      [name, state, error, duplicates === null ? null : JSON.stringify(duplicates), definition],
    );
    if (row === undefined) return false;
    await onProgress?.({ kind: 'index', name, entity, state, done: 1, total: 1 }, tx);
    return true;
  });
}

/** Drops what was built by a definition that no longer counts; what a change has made in its place stays. */
async function dropUnwanted({ log, signal }: BuildInput, session: Tx, name: string): Promise<void> {
  log.info({ index: name }, 'an index is not wanted any more as it was built');
  for (;;) {
    signal.throwIfAborted();
    try {
      await letChangesPass(session);
      const [made] = await session.query(`select 1 from trellis.index_state where name = $1 and state = 'active'`, [
        name,
      ]);
      if (made === undefined) await session.query(`drop index concurrently if exists ${qualified(name)}`);
      return;
    } catch (error) {
      // Made way for a change; what still stood under this name would be taken for the one that is asked for now.
      if (pgCode(error) !== '57014') throw error;
    }
  }
}

/** Writes down every second how far the server is with a build; returns how to stop. */
function watch({ db, onProgress }: BuildInput, name: string, entity: string): () => Promise<void> {
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const [row] = await db.query<{ done: string; total: string }>(progressOf(name));
    if (row === undefined) return;
    const { done, total } = { done: Number(row.done), total: Number(row.total) };
    await db.transaction(async (tx) => {
      await tx.query('update trellis.index_state set done = $2, total = $3 where name = $1', [name, done, total]);
      await onProgress?.({ kind: 'index', name, entity, state: 'pending', done, total }, tx);
    });
  };
  const timer = setInterval(() => {
    // Progress is a courtesy: where it cannot be told, the build goes on.
    looking = looking.then(look).catch(() => undefined);
  }, progressEveryMs);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

function progressOf(name: string): Statement {
  return {
    text: `select greatest(p.blocks_done, p.tuples_done) as done, greatest(p.blocks_total, p.tuples_total, 1) as total
from pg_stat_progress_create_index p join pg_class i on i.oid = p.index_relid where i.relname = $1`,
    values: [name],
  };
}

/** The failed build's invalid index still says which columns it is over. */
async function findDuplicates(session: Tx, name: string): Promise<Duplicate[]> {
  const [index] = await session.query<{ relation: string; keys: string[] }>(
    `select x.indrelid::regclass::text as relation, array(select pg_get_indexdef(x.indexrelid, n, true) from generate_series(1, x.indnkeyatts) n) as keys
from pg_index x join pg_class i on i.oid = x.indexrelid where i.relname = $1 and i.relnamespace = to_regnamespace($2)`,
    [name, dataSchema],
  );
  if (index === undefined) return [];
  const keys = index.keys.join(', ');
  return session.query<Duplicate>(
    `select to_jsonb(v) as value, g.rows, g.ids from (
  select ${keys}, count(*)::int as rows, (array_agg(id::text order by id))[1:${idsListed}] as ids from ${index.relation}
  where deleted_at is null and ${index.keys.map((key) => `${key} is not null`).join(' and ')}
  group by ${keys} having count(*) > 1 order by count(*) desc limit ${duplicatesListed}) g cross join lateral (select ${keys}) v`,
  );
}

async function dropInvalid(session: Tx, name: string): Promise<void> {
  const [left] = await session.query(
    'select 1 from pg_index x join pg_class i on i.oid = x.indexrelid where i.relname = $1 and i.relnamespace = to_regnamespace($2) and not x.indisvalid',
    [name, dataSchema],
  );
  if (left !== undefined) await session.query(`drop index concurrently if exists ${qualified(name)}`);
}

function duplicateText(error: unknown): string {
  const { detail, cause } = error as { detail?: string; cause?: { detail?: string } };
  return detail ?? cause?.detail ?? 'Existing records hold duplicates.';
}
