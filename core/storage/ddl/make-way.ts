import type { Tx } from '../../sdk/index.js';
import type { Database } from '../types.js';
import { qualified } from './names.js';

/** The lock of the catalog: writers share it, a change holds it alone. An argument of the functions of advisory locks. */
export const catalogLock = `hashtext('trellis.catalog')`;

/** Held by the session that builds indexes: there is one at a time, and everybody knows it by this. */
const builderLock = `0, hashtext('trellis.indexes')`;

/** Milliseconds for which others are waited for who hold up no reader or writer: longer than the second after which PostgreSQL stops its own vacuum for us. */
const patienceMs = 1_500;

/** A table that a change could not lock in time. */
class TableHeld extends Error {
  readonly code = '55P03';

  constructor(
    readonly table: string,
    cause: unknown,
  ) {
    super(`the table ${table} is in use`, { cause });
  }
}

/** The same failure of `lock table` with the table's name for `letOthersPass`; SQLSTATE 55P03 stays. */
export function tableHeld(table: string, cause: unknown): Error {
  return new TableHeld(table, cause);
}

/** True where this session has become the one that builds indexes. Asks only: a statement that waited would hold up the other's build. */
export async function becomeBuilder(session: Tx): Promise<boolean> {
  const [{ mine }] = await session.query<{ mine: boolean }>(`select pg_try_advisory_lock(${builderLock}) as mine`);
  return mine;
}

/** Waits until no change of the catalog runs. */
export async function letChangesPass(session: Tx): Promise<void> {
  await session.query(`select pg_advisory_xact_lock_shared(${catalogLock})`);
}

/**
 * Cancels the build, on whichever node, of an index of one of these tables: it would keep them from being locked until it ends, and a
 * change waits for nobody that long. The builder begins anew after the change, so call this only under the lock of the catalog.
 */
export async function cancelBuilds(tx: Tx, tables: readonly string[]): Promise<void> {
  await tx.query(cancelSql, [tables.map((table) => qualified(table))]);
}

/**
 * After a change that could not lock a table: waits a moment for those who keep it without holding up anybody, and lets nobody else
 * wait meanwhile. Makes PostgreSQL stop an automatic vacuum of it. Nothing for other failures.
 */
export async function letOthersPass(db: Database, failure: unknown): Promise<void> {
  const table = heldTable(failure);
  if (table === null) return;
  const text = `lock table ${qualified(table)} in share update exclusive mode`;
  // Whether it came to that, or the table is gone, the next attempt finds out.
  await db.transaction((tx) => tx.query(text), { lockTimeoutMs: patienceMs, retries: 0 }).catch(() => undefined);
}

function heldTable(failure: unknown): string | null {
  if (failure instanceof TableHeld) return failure.table;
  return failure instanceof Error && failure.cause !== undefined ? heldTable(failure.cause) : null;
}

// A session of another role may not be cancelled, and is none of ours.
const cancelSql = `
select count(pg_cancel_backend(b.pid)) from (
  select distinct b.pid from pg_locks b join pg_locks t on t.pid = b.pid and t.database = b.database
  join pg_stat_activity s on s.pid = b.pid and s.usename = current_user
  where b.locktype = 'advisory' and b.granted and b.objsubid = 2 and (b.classid, b.objid) = (0::oid, hashtext('trellis.indexes')::oid)
    and b.database = (select oid from pg_database where datname = current_database())
    and t.locktype = 'relation' and t.relation in (select to_regclass(n) from unnest($1::text[]) n)) b`;
