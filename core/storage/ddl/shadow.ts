import { randomBytes } from 'node:crypto';
import type { Tx } from '../../sdk/index.js';
import { qualified } from './names.js';
import type { DatabaseShape } from './shape.js';
import type { DdlStep } from './step.js';

/** Schemas of trials begin so; one that stands is a leftover of a version that did not roll back. */
export const shadowPrefix = 'shadow_';

/** The first step of a plan that the server refuses. */
export interface ShadowFault {
  readonly step: DdlStep;
  /** SQLSTATE, or ''. */
  readonly code: string;
  /** The server's words. */
  readonly message: string;
}

/**
 * Runs a plan on empty copies of the touched tables in a schema of its own, and takes everything back; null where all steps ran.
 * The real tables are locked no stronger than ACCESS SHARE, and only until this returns. Nothing is left behind by a process that
 * dies: the schema is never committed. Call it in a transaction with a lock time-out.
 */
export async function tryOnShadow(
  tx: Tx,
  steps: readonly DdlStep[],
  shape: DatabaseShape,
): Promise<ShadowFault | null> {
  const schema = `${shadowPrefix}${randomBytes(6).toString('hex')}`;
  await tx.query('savepoint shadow');
  let running: DdlStep | null = null;
  try {
    await tx.query(`create schema ${schema}`);
    const changed = new Set(steps.filter((step) => step.adds !== true).map((step) => step.table));
    for (const table of touchedTables(steps, shape)) {
      // A dozen indexes take ten times as long as the table.
      const rest = changed.has(table) ? '' : ' excluding indexes';
      await tx.query(`create table ${qualified(table, schema)} (like ${qualified(table)} including all${rest})`);
    }
    for (const step of steps) {
      const sql = step.within(schema);
      if (sql === null) continue;
      running = step;
      await tx.query(sql);
    }
    return null;
  } catch (error) {
    if (running === null) throw error;
    return { step: running, ...wordsOf(error) };
  } finally {
    await tx.query('rollback to savepoint shadow');
    await tx.query('release savepoint shadow');
  }
}

function touchedTables(steps: readonly DdlStep[], shape: DatabaseShape): string[] {
  const named = steps.flatMap((step) => [step.table, ...step.needs]);
  return [...new Set(named)].filter((table) => shape.tables.has(table)).sort();
}

function wordsOf(error: unknown): { code: string; message: string } {
  const { code, cause, message } = error as { code?: string; cause?: unknown; message?: string };
  if (cause instanceof Error) return wordsOf(cause);
  return { code: code ?? '', message: message ?? String(error) };
}
