import { conflict, type Issue } from '../../base/errors.js';
import type { Tx } from '../../sdk/index.js';
import { pgCode } from '../database-errors.js';
import { cancelBuilds, tableHeld } from './make-way.js';
import { qualified } from './names.js';
import type { Conversion, DdlStep } from './step.js';

/** Channel of the job room: on a notice its nodes ask at once whether the database wants a job. */
export const wantedChannel = 'trellis_jobs';

/** Milliseconds that all tables of a plan are waited for together, while those that are locked already hold others up. */
const lockBudgetMs = 300;

/** Locks that a build of an index is in the way of, weakest first: each keeps out all that the one before keeps out. */
const locksInTheWay: readonly DdlStep['lock'][] = ['SHARE', 'SHARE ROW EXCLUSIVE', 'ACCESS EXCLUSIVE'];

/**
 * Runs a plan inside the caller's transaction, under the lock of the catalog. Tables that need a lock which keeps writers out are locked
 * first, within 300 ms in all; a build of an index that is in the way is cancelled. Where somebody else keeps a table longer, SQLSTATE 55P03 is
 * thrown and the caller lets others pass (`letOthersPass`) and repeats. Concurrent steps are not run but
 * recorded in `trellis.index_state`; the job room is told, when and if the transaction commits. Returns how many.
 * Throws catalog.values_lost where a conversion would lose values.
 */
export async function runDdl(tx: Tx, steps: readonly DdlStep[]): Promise<number> {
  await lockTables(tx, steps);
  // What is copied was asked before, without the locks.
  mustKeepValues(
    await findLostValues(
      tx,
      steps.filter((step) => step.conversion?.isCopied !== true),
    ),
  );
  for (const step of steps) {
    if (!step.concurrent) await tx.query(step.sql);
  }
  await recordIndexes(tx, steps);
  const pending = steps.filter((step) => step.concurrent).length;
  if (pending > 0 || steps.some((step) => step.sql.startsWith('insert into trellis.storage_task')))
    await tx.query(`select pg_notify('${wantedChannel}', 'wanted')`);
  return pending;
}

/** Throws catalog.values_lost, or catalog.duplicates where values would only become equal. */
export function mustKeepValues(lost: readonly LostValues[]): void {
  if (lost.length === 0) return;
  const issues = lost.map(({ issue }) => issue);
  const { code } = issues.find((issue) => issue.code === 'catalog.values_lost') ?? issues[0];
  throw conflict(code, issues.map(({ message }) => message).join(' '), { issues, hint: 'Change these values first.' });
}

/** Values that a change of kind would lose, or make equal where they must be unique. */
export interface LostValues extends Pick<Conversion, 'field' | 'from' | 'to'> {
  readonly entity: string;
  readonly count: number;
  /** Up to five of them, as text. */
  readonly samples: readonly string[];
  readonly issue: Issue;
}

/**
 * Asks how many values the conversions of a plan would lose or make equal; plans with none are fine. Reads the tables, locks
 * nothing.
 */
export async function findLostValues(tx: Pick<Tx, 'query'>, steps: readonly DdlStep[]): Promise<LostValues[]> {
  const found: LostValues[] = [];
  for (const { entity, conversion } of steps) {
    if (conversion === undefined) continue;
    const { field, from, to, lost, duplicates } = conversion;
    const path = `${entity}.${field}`;
    const ask = async (sql: string, code: string, words: string): Promise<void> => {
      const [{ n, samples }] = await tx.query<{ n: number; samples: string[] | null }>(sql);
      if (n === 0) return;
      const message = `${n} values of ${path} ${words}, e.g. ${JSON.stringify(samples?.[0])}.`;
      const issue = { path, code, message, params: { count: n, samples } };
      found.push({ field, from, to, entity, count: n, samples: samples ?? [], issue });
    };
    await ask(lost, 'catalog.values_lost', `do not convert from ${from} to ${to}`);
    for (const sql of duplicates) await ask(sql, 'catalog.duplicates', `must be unique, but are equal as ${to}`);
  }
  return found;
}

async function lockTables(tx: Tx, steps: readonly DdlStep[]): Promise<void> {
  const wanted = new Map<string, DdlStep['lock']>();
  for (const { table, lock, concurrent } of steps) {
    if (concurrent || !locksInTheWay.includes(lock)) continue;
    const before = wanted.get(table);
    // The strongest at once: two transactions that both went from one to the next would wait for each other.
    wanted.set(
      table,
      before !== undefined && locksInTheWay.indexOf(before) > locksInTheWay.indexOf(lock) ? before : lock,
    );
  }
  if (wanted.size === 0) return;
  const standing = await tx.query<{ name: string }>(
    'select t.name from unnest($1::text[]) as t(name) where to_regclass($2 || quote_ident(t.name)) is not null order by 1',
    [[...wanted.keys()], 'data.'],
  );
  const [{ before }] = await tx.query<{ before: string }>(`select current_setting('lock_timeout') as before`);
  await cancelBuilds(
    tx,
    standing.map(({ name }) => name),
  );
  const began = Date.now();
  for (const { name } of standing) {
    const left = Math.max(10, lockBudgetMs - (Date.now() - began));
    await tx.query(`select set_config('lock_timeout', $1, true)`, [`${left}ms`]);
    const lock = `lock table ${qualified(name)} in ${wanted.get(name)?.toLowerCase()} mode`;
    await tx.query(lock).catch((error: unknown) => {
      throw pgCode(error) === '55P03' ? tableHeld(name, error) : error;
    });
  }
  await tx.query(`select set_config('lock_timeout', $1, true)`, [before]);
}

async function recordIndexes(tx: Tx, steps: readonly DdlStep[]): Promise<void> {
  const dropped = steps.flatMap(({ kind, index }) => (kind === 'drop' && index !== undefined ? [index] : []));
  if (dropped.length > 0) await tx.query('delete from trellis.index_state where name = any($1)', [dropped]);
  const made = steps.filter((step) => step.kind === 'index');
  if (made.length === 0) return;
  await tx.query(
    `insert into trellis.index_state (name, entity, definition, state)
select name, entity, definition, state from json_to_recordset($1::json) as r(name text, entity text, definition text, state text)
on conflict (name) do update set definition = excluded.definition, state = excluded.state, error = null, duplicates = null, done = null, total = null, updated_at = now()`,
    [
      JSON.stringify(
        made.map((step) => ({
          name: step.index,
          entity: step.entity,
          definition: step.definition ?? step.sql,
          state: step.concurrent ? 'pending' : 'active',
        })),
      ),
    ],
  );
}
