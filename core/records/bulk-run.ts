import { isTrellisError, type Issue, type TrellisError } from '../base/errors.js';
import type { Catalog } from '../catalog/index.js';
import type { BulkInput, BulkRowResult, RecordData } from '../sdk/index.js';
import type { Draft } from './draft.js';
import type { RecordsDeps, TxCtx } from './transaction.js';
import { LateFindings } from './late-findings.js';
import type { Locked } from './lock.js';
import type { WriteOutcome, WriteSettings } from './write.js';

/** One piece of a bulk write under way, in one transaction. */
export interface BulkRun {
  readonly deps: RecordsDeps;
  readonly ctx: TxCtx;
  readonly catalog: Catalog;
  readonly input: BulkInput;
  readonly settings: WriteSettings;
  /** Place of the piece's first row in the whole input. */
  readonly offset: number;
  /** What became of the rows so far, by their place in the piece. */
  readonly results: Map<number, BulkRowResult>;
}

/** A row of the piece. */
interface Placed {
  readonly row: number;
  readonly values: RecordData;
}

/** A row and the record that it names. */
export interface Matched {
  readonly row: number;
  readonly locked: Locked;
  readonly values: RecordData;
}

/** A run without results. */
export function startRun(deps: RecordsDeps, ctx: TxCtx, catalog: Catalog, input: BulkInput, offset: number): BulkRun {
  const settings = {
    systemFields: input.systemFields ?? false,
    withData: false,
    keepsIds: ctx.actor.roles === undefined,
  };
  return { deps, ctx, catalog, input, settings, offset, results: new Map() };
}

/** The results in the order of the rows. */
export function inOrder({ results }: BulkRun): BulkRowResult[] {
  return [...results.values()].sort((a, b) => a.row - b.row);
}

/** Notes that a row was refused. */
export function refuseRow({ results, offset }: BulkRun, row: number, issues: readonly Issue[]): void {
  results.set(row, { row: offset + row, status: 'refused', issues: issues.map((issue) => ({ ...issue })) });
}

/** Runs `work` behind a savepoint; the refusal that it ended with, after which nothing of it stands, or null. Faults pass. */
export async function refusalOf({ ctx }: BulkRun, work: () => Promise<void>): Promise<TrellisError | null> {
  await ctx.tx.query('savepoint bulk');
  try {
    await work();
    await ctx.tx.query('release savepoint bulk');
    return null;
  } catch (error) {
    if (!isTrellisError(error) || error.kind === 'broken') throw error;
    await ctx.tx.query('rollback to savepoint bulk');
    return error;
  }
}

/** A refusal of a whole record as a finding of its row. */
export function issueOf({ code, message, params }: TrellisError): Issue {
  return { path: '', code, message, params };
}

/**
 * Runs one set-wise write behind a savepoint and notes what became of each row. Where findings come only after the
 * write, it is rolled back and repeated without those rows.
 */
export async function settle<P extends Placed>(
  run: BulkRun,
  rows: readonly P[],
  done: 'created' | 'updated',
  work: (pending: readonly P[]) => Promise<WriteOutcome>,
): Promise<void> {
  const { ctx, offset, results } = run;
  let pending = rows;
  while (pending.length > 0) {
    await ctx.tx.query('savepoint bulk');
    try {
      const { drafts, written } = await work(pending);
      await ctx.tx.query('release savepoint bulk');
      drafts.forEach((draft, i) =>
        results.set(
          pending[i].row,
          resultOf(draft, written.has(draft.id) ? done : 'unchanged', offset + pending[i].row),
        ),
      );
      return;
    } catch (error) {
      if (!(error instanceof LateFindings)) throw error;
      await ctx.tx.query('rollback to savepoint bulk');
      const late = new Map(error.drafts.map((draft) => [draft.row, draft]));
      const current = pending;
      pending = current.filter((each, i) => {
        const draft = late.get('locked' in each ? each.row : i);
        if (draft) results.set(each.row, resultOf(draft, 'unchanged', offset + each.row));
        return draft === undefined;
      });
      if (pending.length === current.length) throw error;
    }
  }
}

function resultOf(draft: Draft, status: 'created' | 'updated' | 'unchanged', row: number): BulkRowResult {
  return draft.issues.length > 0 ? { row, status: 'refused', issues: draft.issues } : { row, status, id: draft.id };
}
