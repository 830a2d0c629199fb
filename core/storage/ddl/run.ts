import type { Log } from '../../base/log.js';
import type { Tx } from '../../sdk/index.js';
import { pgCode } from '../database-errors.js';
import type { Database } from '../types.js';
import { dataSchema, qualified } from './names.js';
import type { DdlStep } from './plan.js';

/**
 * Runs a plan inside the caller's transaction. Concurrent steps are not run but recorded in `trellis.index_state`; returns how
 * many, so that the caller enqueues `core.build-indexes` where it is more than none.
 */
export async function runDdl(tx: Tx, steps: readonly DdlStep[]): Promise<number> {
  for (const step of steps) {
    if (!step.concurrent) await tx.query(step.sql);
  }
  const made = steps.filter((step) => step.kind === 'index');
  if (made.length > 0) {
    await tx.query(
      `insert into trellis.index_state (name, entity, definition, state)
select name, entity, definition, state from json_to_recordset($1::json) as r(name text, entity text, definition text, state text)
on conflict (name) do update set definition = excluded.definition, state = excluded.state, error = null, updated_at = now()`,
      [
        JSON.stringify(
          made.map((step) => ({
            name: step.index,
            entity: step.entity,
            definition: step.sql,
            state: step.concurrent ? 'pending' : 'active',
          })),
        ),
      ],
    );
  }
  const dropped = steps.filter((step) => step.kind === 'drop').map((step) => step.index);
  if (dropped.length > 0) await tx.query('delete from trellis.index_state where name = any($1)', [dropped]);
  return steps.filter((step) => step.concurrent).length;
}

/**
 * Builds the pending indexes one by one without blocking writers; safe to repeat after a crash (an invalid leftover is dropped
 * first). A unique that meets duplicates ends as `failed` with the first of them in words; other errors are thrown, to be retried.
 */
export async function buildPendingIndexes(db: Database, log: Log, signal: AbortSignal): Promise<void> {
  const pending = await db.query<{ name: string; definition: string }>({
    text: `select name, definition from trellis.index_state where state = 'pending' order by updated_at, name`,
    values: [],
  });
  for (const { name, definition } of pending) {
    signal.throwIfAborted();
    const began = Date.now();
    await dropInvalid(db, name);
    try {
      await db.query({ text: definition, values: [] });
      await settle(db, name, 'active', null);
      log.info({ index: name, ms: Date.now() - began }, 'index built');
    } catch (error) {
      await dropInvalid(db, name);
      if (pgCode(error) !== '23505') throw error;
      await settle(db, name, 'failed', duplicateText(error));
      log.warn({ index: name }, 'unique index not built: existing records hold duplicates');
    }
  }
}

async function dropInvalid(db: Database, name: string): Promise<void> {
  const [left] = await db.query({
    text: 'select 1 from pg_index x join pg_class i on i.oid = x.indexrelid where i.relname = $1 and i.relnamespace = to_regnamespace($2) and not x.indisvalid',
    values: [name, dataSchema],
  });
  if (left !== undefined) await db.query({ text: `drop index concurrently if exists ${qualified(name)}`, values: [] });
}

async function settle(db: Database, name: string, state: 'active' | 'failed', error: string | null): Promise<void> {
  await db.query({
    text: 'update trellis.index_state set state = $2, error = $3, updated_at = now() where name = $1',
    values: [name, state, error],
  });
}

function duplicateText(error: unknown): string {
  const { detail, cause } = error as { detail?: string; cause?: { detail?: string } };
  return detail ?? cause?.detail ?? 'Existing records hold duplicates.';
}
