import { setTimeout as sleep } from 'node:timers/promises';
import { quoteName } from '../../schema/index.js';
import type { Tx } from '../../sdk/index.js';
import { pgCode } from '../database-errors.js';
import type { BuildInput } from './build-pending.js';
import { qualified } from './names.js';
import { wantedChannel } from './run.js';

interface Task<Payload> {
  readonly key: string;
  readonly entity: string;
  readonly hash: string;
  readonly payload: Payload;
  readonly position: string | null;
  readonly total: string;
  /** When it was asked for. */
  readonly updated_at: Date;
}

/** Milliseconds that one piece may take, so that nobody waits long for its locks. */
const pieceMs = 300;
/** Milliseconds that a piece waits for a lock: less than the second after which the server looks for deadlocks, so that no writer is hit. */
const lockPatienceMs = 200;
const smallestPiece = 20;
const largestPiece = 20_000;

/**
 * Computes the rollups whose tasks are pending, for all parents in the order of their ids, piece by piece: each piece locks its
 * parents, then computes from all their children, so that it may run beside writers. Goes on where it stopped.
 */
export async function fillRollups(input: BuildInput): Promise<void> {
  await work<{ table: string; sql: string }>(input, 'fill-rollup', 500, async (tx, { payload, position }, size) => {
    const ids = await tx.query<{ id: string }>(
      `select id from ${qualified(payload.table)} where $1::uuid is null or id > $1::uuid order by id limit ${size} for no key update`,
      [position],
    );
    if (ids.length > 0) await tx.query(payload.sql, [ids.map(({ id }) => id)]);
    return { done: ids.length, position: ids.length < size ? null : ids[ids.length - 1].id };
  });
}

/** What a purge takes out of the books: the values of a field (its uuid and key), or everything of an entity (its uuid). */
export interface PurgePayload {
  readonly field?: string;
  readonly key?: string;
  readonly entity?: string;
}

/**
 * Takes the values of purged fields, and the entries of purged entities, out of the history, piece by piece; with the last one out
 * of what imports that came before remember of them.
 */
export async function purgeHistory(input: BuildInput): Promise<void> {
  await work<PurgePayload>(input, 'purge-history', 5_000, async (tx, task, size) => {
    const from = Number(task.position ?? 0);
    const to = from + size;
    const { field, key, entity } = task.payload;
    if (from >= Number(task.total)) {
      // Tasks of earlier versions do not know the key.
      const isUnknown = field !== undefined && key === undefined;
      return isUnknown ? { done: 0, position: null } : purgeImports(tx, task, size);
    }
    if (field !== undefined)
      await tx.query(
        'update trellis.history set previous = previous - $3::text where id > $1 and id <= $2 and previous ? $3::text',
        [from, to, field],
      );
    else
      await tx.query('delete from trellis.history where id > $1 and id <= $2 and entity = $3::uuid', [
        from,
        to,
        entity,
      ]);
    return { done: size, position: String(to) };
  });
}

/** A key may be taken anew meanwhile: only imports from before the purge hold values of the old one. */
async function purgeImports(tx: Tx, task: Task<PurgePayload>, size: number): Promise<Piece> {
  const { key } = task.payload;
  const found =
    key === undefined
      ? `select r.import_id, r.row from trellis.import i join trellis.import_row r on r.import_id = i.id
where i.entity = $1 and i.created_at <= $2 limit ${size}`
      : `select r.import_id, r.row from trellis.import i join trellis.import_row r on r.import_id = i.id
where i.entity = $1 and i.created_at <= $2 and r.previous ? $3 limit ${size}`;
  const values = [task.entity, task.updated_at, ...(key === undefined ? [] : [key])];
  const verb =
    key === undefined
      ? 'delete from trellis.import_row r using found f where (r.import_id, r.row) = (f.import_id, f.row)'
      : 'update trellis.import_row r set previous = previous - $3 from found f where (r.import_id, r.row) = (f.import_id, f.row)';
  const rows = await tx.query(`with found as (${found}) ${verb} returning 1`, values);
  if (rows.length === size) return { done: 0, position: task.position ?? '0' };
  if (key === undefined)
    await tx.query('delete from trellis.import where entity = $1 and created_at <= $2', [task.entity, task.updated_at]);
  return { done: 0, position: null };
}

/** What a `convert-column` task does; see `describeCopy`. */
interface ConvertPayload {
  readonly table: string;
  readonly column: string;
  readonly copy: string;
  /** Column of the primary key. */
  readonly primary: string;
  readonly value: string;
  readonly lost: string;
  readonly indexes: readonly { readonly name: string; readonly definition: string }[];
}

/**
 * Copies the columns whose tasks are pending, in the order of the rows' ids, piece by piece, beside a trigger that keeps up with the
 * writers; then asks for their indexes. Values that do not convert end a task as `failed`. Goes on where it stopped.
 */
export async function convertColumns(input: BuildInput): Promise<void> {
  await work<ConvertPayload>(input, 'convert-column', 500, async (tx, { entity, payload, position }, size) => {
    const [table, column, copy, id] = [
      qualified(payload.table),
      ...[payload.column, payload.copy, payload.primary].map(quoteName),
    ];
    const rows = await tx.query<{ id: string }>(
      `select ${id} as id from ${table} where $1::uuid is null or ${id} > $1::uuid order by ${id} limit ${size}`,
      [position],
    );
    const ids = rows.map((row) => row.id);
    // Every row is locked in the order of the ids, and judged as it is by then: a writer may have been there in between.
    await tx.query(
      `with held as (select ${id} as id from ${table} where ${id} = any($1::uuid[]) and ${column} is not null and ${copy} is null order by ${id} for no key update)
update ${table} t set ${copy} = ${payload.value} from held where t.${id} = held.id`,
      [ids],
    );
    const [lost] = await tx.query<{ sample: string }>(
      `select left(${column}::text, 60) as sample from ${table} where ${id} = any($1::uuid[]) and (${payload.lost}) limit 1`,
      [ids],
    );
    const done = ids.length;
    if (lost !== undefined) return { done, position, failed: `${JSON.stringify(lost.sample)} does not convert` };
    if (done === size) return { done, position: ids[done - 1] };
    await tx.query(
      `insert into trellis.index_state (name, entity, definition) select r.name, $2, r.definition from json_to_recordset($1::json) as r(name text, definition text)
on conflict (name) do update set definition = excluded.definition, state = 'pending', error = null, duplicates = null, updated_at = now()`,
      [JSON.stringify(payload.indexes), entity],
    );
    return { done, position: null };
  });
}

interface Piece {
  readonly done: number;
  /** Where the next piece begins; null: there is none. */
  readonly position: string | null;
  /** Why the task cannot be ended well. */
  readonly failed?: string;
}

type DoPiece<Payload> = (tx: Tx, task: Task<Payload>, size: number) => Promise<Piece>;

/** Runs the tasks of a kind to their ends; work and position are one transaction. */
async function work<Payload>(
  input: BuildInput,
  kind: 'fill-rollup' | 'purge-history' | 'convert-column',
  firstSize: number,
  doPiece: DoPiece<Payload>,
): Promise<void> {
  const { db, signal, log } = input;
  let size = firstSize;
  let wasBusy = false;
  for (;;) {
    signal.throwIfAborted();
    const began = performance.now();
    const finished = await db
      .transaction((tx) => onePiece(tx), { lockTimeoutMs: lockPatienceMs, retries: 0 })
      .catch((error: unknown) => {
        // Others first; what they hold is let go in a moment.
        if (!['55P03', '40P01', '40001'].includes(pgCode(error))) throw error;
        return 'busy' as const;
      });
    if (finished === null) break;
    if (finished === 'busy') {
      size = Math.max(smallestPiece, Math.round(size / 2));
      await sleep(lockPatienceMs, undefined, { signal });
      continue;
    }
    wasBusy = true;
    if (finished.state !== 'pending') log.info({ task: finished.key, state: finished.state }, 'storage task ended');
    const ms = performance.now() - began;
    const factor = ms > pieceMs ? 0.5 : ms < pieceMs / 4 ? 2 : 1;
    size = Math.min(largestPiece, Math.max(smallestPiece, Math.round(size * factor)));
  }
  // What comes after it need not wait for the next look.
  if (wasBusy) await db.query({ text: `select pg_notify('${wantedChannel}', 'wanted')`, values: [] });

  async function onePiece(tx: Tx): Promise<{ key: string; state: 'pending' | 'done' | 'failed' } | null> {
    // The row is held, so that a change of the catalog which gives the task another meaning waits for the piece.
    const [task] = await tx.query<Task<Payload>>(
      `select key, entity, hash, payload, position, total, updated_at from trellis.storage_task where kind = $1 and state = 'pending' order by updated_at, key limit 1 for update`,
      [kind],
    );
    if (task === undefined) return null;
    const { done, position, failed } = await doPiece(tx, task, size);
    const state = failed !== undefined ? 'failed' : position === null ? 'done' : 'pending';
    const [row] = await tx.query<{ done: string }>(
      'update trellis.storage_task set position = $2, done = done + $3, state = $4, error = $5 where key = $1 returning done',
      [task.key, position, done, state, failed ?? null],
    );
    const progress = { kind, name: task.key, entity: task.entity, state, done: Number(row.done) } as const;
    await input.onProgress?.({ ...progress, total: Math.max(Number(task.total), progress.done) }, tx);
    return { key: task.key, state };
  }
}

/** Names of what is left to do: indexes first, since filling reads by them. */
export const pendingWorkSql = `select exists (select 1 from trellis.index_state where state = 'pending') as indexes,
  exists (select 1 from trellis.storage_task where state = 'pending' and kind = 'fill-rollup') as rollups,
  exists (select 1 from trellis.storage_task where state = 'pending' and kind = 'purge-history') as history,
  exists (select 1 from trellis.storage_task where state = 'pending' and kind = 'convert-column') as conversions,
  exists (select 1 from trellis.change_set c where c.state = 'preparing' and not exists (
    select 1 from trellis.storage_task k where k.key = any(c.preparing) and (k.state = 'pending' or exists (
      select 1 from jsonb_array_elements(k.payload -> 'indexes') e join trellis.index_state s on s.name = e ->> 'name' and s.state = 'pending')))) as changes,
  (exists (select 1 from trellis.audit_entry where seq is null and at < now() - interval '10 seconds')
    or exists (select 1 from trellis.outbox o, trellis.outbox_cursor c where c.consumer = 'audit' and (o.xid, o.id) > (c.xid, c.id)
      and o.topic = 'record.changed' and o.created_at < now() - interval '10 seconds')) as audit`;
