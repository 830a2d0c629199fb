import type { PoolClient, QueryResult } from 'pg';
import type { Statement } from '../sdk/index.js';
import { isPrepared, runPrepared } from './prepared.js';
import { createRunTimes } from './run-times.js';
import { runTogether } from './together.js';

/** PostgreSQL's `plan_cache_mode`; `auto` is what a connection begins with. */
type PlanMode = 'auto' | 'force_generic_plan' | 'force_custom_plan';

const modes = new WeakMap<PoolClient, PlanMode>();
const times = createRunTimes();

/**
 * Runs a statement outside of a transaction; a read that the connection has prepared runs by its kept plan. PostgreSQL by itself
 * would plan a page anew each time, which takes as long as reading it: it holds planning to be far cheaper than it is. A kept
 * plan that proves slow gives way to one made for the values. A change of mode goes ahead in the same packet.
 */
export async function runPlanned(client: PoolClient, statement: Statement): Promise<QueryResult> {
  const current = modes.get(client) ?? 'auto';
  const wanted = wantedMode(client, statement, current);
  const startedAt = performance.now();
  const result = await runIn(client, statement, current, wanted);
  if (wanted !== 'auto' && isRead(statement.text))
    times.note(statement.text, wanted === 'force_generic_plan' ? 'kept' : 'new', performance.now() - startedAt);
  return result;
}

/** What a transaction opens with, so that its statements are planned as PostgreSQL sees fit; '' where they are anyhow. */
export function resetForTransaction(client: PoolClient): string {
  return (modes.get(client) ?? 'auto') === 'auto' ? '' : 'set local plan_cache_mode = auto;';
}

/** For a write, which is alike for all values: leaves the mode in which each run is planned anew. */
export async function keepPlans(client: PoolClient): Promise<void> {
  if (modes.get(client) !== 'force_custom_plan') return;
  await client.query('set plan_cache_mode = force_generic_plan');
  modes.set(client, 'force_generic_plan');
}

function wantedMode(client: PoolClient, { text, replan }: Statement, current: PlanMode): PlanMode {
  // Planned now in any case: then by its values.
  if (replan || !isPrepared(client, text)) return current === 'force_generic_plan' ? 'auto' : current;
  if (!isRead(text)) return current;
  return times.prefersNew(text) ? 'force_custom_plan' : 'force_generic_plan';
}

async function runIn(
  client: PoolClient,
  statement: Statement,
  current: PlanMode,
  wanted: PlanMode,
): Promise<QueryResult> {
  const change = `set plan_cache_mode = ${wanted}`;
  if (wanted !== current && isRead(statement.text)) {
    const result = await runTogether(client, change, statement);
    // Not before: a failure takes the setting back.
    modes.set(client, wanted);
    return result;
  }
  if (wanted !== current) {
    // Some statements (vacuum, an index built concurrently) refuse company.
    await client.query(change);
    modes.set(client, wanted);
  }
  const { text, values, replan } = statement;
  return replan ? client.query(text, values as unknown[]) : runPrepared(client, text, values);
}

function isRead(text: string): boolean {
  return text.startsWith('select ') || text.startsWith('with ');
}
