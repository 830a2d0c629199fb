import type { Tx } from '../../sdk/index.js';
import { qualified } from './names.js';
import type { BuildInput } from './build-pending.js';

interface Task<Payload> {
  readonly key: string;
  readonly entity: string;
  readonly hash: string;
  readonly payload: Payload;
  readonly position: string | null;
  readonly total: string;
}

/** Milliseconds that one piece may take, so that nobody waits long for its locks. */
const pieceMs = 300;
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

/** Takes the values of purged fields, and the entries of purged entities, out of the history, piece by piece. */
export async function purgeHistory(input: BuildInput): Promise<void> {
  await work<{ field?: string; entity?: string }>(input, 'purge-history', 5_000, async (tx, task, size) => {
    const from = Number(task.position ?? 0);
    const to = from + size;
    const { field, entity } = task.payload;
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
    return { done: size, position: to >= Number(task.total) ? null : String(to) };
  });
}

interface Piece {
  readonly done: number;
  /** Where the next piece begins; null: there is none. */
  readonly position: string | null;
}

type DoPiece<Payload> = (tx: Tx, task: Task<Payload>, size: number) => Promise<Piece>;

/** Runs the tasks of a kind to their ends; work and position are one transaction. */
async function work<Payload>(
  input: BuildInput,
  kind: 'fill-rollup' | 'purge-history',
  firstSize: number,
  doPiece: DoPiece<Payload>,
): Promise<void> {
  const { db, signal, log } = input;
  let size = firstSize;
  for (;;) {
    signal.throwIfAborted();
    const began = performance.now();
    const finished = await db.transaction(async (tx) => {
      // The row is held, so that a change of the catalog which gives the task another meaning waits for the piece.
      const [task] = await tx.query<Task<Payload>>(
        `select key, entity, hash, payload, position, total from trellis.storage_task where kind = $1 and state = 'pending' order by updated_at, key limit 1 for update`,
        [kind],
      );
      if (task === undefined) return null;
      const { done, position } = await doPiece(tx, task, size);
      const state = position === null ? 'done' : 'pending';
      const [row] = await tx.query<{ done: string }>(
        'update trellis.storage_task set position = $2, done = done + $3, state = $4 where key = $1 returning done',
        [task.key, position, done, state],
      );
      const progress = { kind, name: task.key, entity: task.entity, state, done: Number(row.done) } as const;
      await input.onProgress?.({ ...progress, total: Math.max(Number(task.total), progress.done) }, tx);
      return { key: task.key, state };
    });
    if (finished === null) return;
    if (finished.state === 'done') log.info({ task: finished.key }, 'storage task done');
    const ms = performance.now() - began;
    const factor = ms > pieceMs ? 0.5 : ms < pieceMs / 4 ? 2 : 1;
    size = Math.min(largestPiece, Math.max(smallestPiece, Math.round(size * factor)));
  }
}

/** Names of what is left to do: indexes first, since filling reads by them. */
export const pendingWorkSql = `select exists (select 1 from trellis.index_state where state = 'pending') as indexes,
  exists (select 1 from trellis.storage_task where state = 'pending' and kind = 'fill-rollup') as rollups,
  exists (select 1 from trellis.storage_task where state = 'pending' and kind = 'purge-history') as history`;
