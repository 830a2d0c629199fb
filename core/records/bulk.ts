import { denied, invalid } from '../base/errors.js';
import type { Catalog } from '../catalog/index.js';
import { compileIds } from '../query/index.js';
import type { BulkInput, BulkRowResult, Ctx, RecordData } from '../sdk/index.js';
import { keyColumn, keyText, matchedRound, rounds } from './bulk-match.js';
import { inOrder, settle, startRun } from './bulk-run.js';
import { guardedWrite, type RecordsDeps, type TxCtx } from './transaction.js';
import type { BulkCounts, BulkWhere } from './types.js';
import { createDrafts } from './write.js';

/** Rows that one transaction of a bulk write takes; larger inputs go in pieces, so that nobody waits long for a lock. */
const ROWS_A_TRANSACTION = 10_000;
const ROWS_WHERE = 1_000;

/**
 * Creates, updates, upserts or deletes many records, set-wise. Not atomic: good rows are written, the others reported.
 * Atomic: one bad row refuses all with bulk.refused. Rows are answered in the order given.
 */
export async function bulk(deps: RecordsDeps, ctx: Ctx, input: BulkInput): Promise<BulkRowResult[]> {
  if (input.systemFields && !deps.access.may(ctx, deps.catalog.current, input.entity, 'import')) {
    throw denied('access.denied', 'You may not set who created a record, and when.', {
      params: { entity: input.entity, operation: 'import' },
    });
  }
  if (input.atomic) {
    return guardedWrite(deps, ctx, async (inner, catalog) => {
      const results = await bulkWithin(deps, inner, catalog, input, input.rows, 0);
      const bad = results.filter((result) => result.status === 'refused');
      if (bad.length > 0) throw refusedAll(bad);
      return results;
    });
  }
  const results: BulkRowResult[] = [];
  for (let start = 0; start < input.rows.length; start += ROWS_A_TRANSACTION) {
    const piece = input.rows.slice(start, start + ROWS_A_TRANSACTION);
    results.push(
      ...(await guardedWrite(deps, ctx, (inner, catalog) => bulkWithin(deps, inner, catalog, input, piece, start))),
    );
  }
  return results;
}

/** One patch (null: deletion) for all records that match and that the actor may write, in pieces. */
export async function bulkWhere(deps: RecordsDeps, ctx: Ctx, input: BulkWhere): Promise<BulkCounts> {
  let totals: BulkCounts = { matched: 0, changed: 0, refused: 0 };
  let after: string | null = null;
  do {
    const [last, before]: [string | null, BulkCounts] = [after, totals];
    [after, totals] = await guardedWrite(deps, ctx, async (inner, catalog): Promise<[string | null, BulkCounts]> => {
      const statement = compileIds(
        deps.access.env(inner, catalog),
        deps.access.read(inner, catalog, input.entity),
        input,
        last,
        ROWS_WHERE,
      );
      const ids = (await inner.tx.query<{ id: string }>(statement.text, statement.values)).map((row) => row.id);
      const rows: RecordData[] = ids.map((id) => ({ ...input.patch, id }));
      const results = await bulkWithin(
        deps,
        inner,
        catalog,
        { entity: input.entity, mode: input.patch === null ? 'delete' : 'update', rows, key: 'id', atomic: false },
        rows,
        0,
      );
      const counts = addResults(before, results);
      const isLast = ids.length < ROWS_WHERE;
      if (isLast) await input.note?.(inner.tx, counts);
      else if (last === null) await input.note?.(inner.tx, null);
      return [isLast ? null : ids[ids.length - 1], counts];
    });
  } while (after !== null);
  return totals;
}

/** The counts so far and those of further rows. */
export function addResults({ matched, changed, refused }: BulkCounts, results: readonly BulkRowResult[]): BulkCounts {
  const count = (...of: BulkRowResult['status'][]): number =>
    results.filter(({ status }) => of.includes(status)).length;
  return {
    matched: matched + results.length,
    changed: changed + count('created', 'updated', 'deleted'),
    refused: refused + count('refused'),
  };
}

function refusedAll(bad: readonly BulkRowResult[]): Error {
  const issues = bad.flatMap((result) =>
    result.status === 'refused'
      ? result.issues.map((issue) => ({ ...issue, path: `/${result.row}/${issue.path}` }))
      : [],
  );
  return invalid('bulk.refused', `${bad.length} rows cannot be taken, so none was written.`, {
    issues: issues.slice(0, 1_000),
    params: { refused: bad.length },
    hint: 'Correct them, or send atomic=false to write the others.',
  });
}

async function bulkWithin(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: BulkInput,
  rows: readonly RecordData[],
  offset: number,
): Promise<BulkRowResult[]> {
  const scope = deps.access.read(ctx, catalog, input.entity);
  const run = startRun(deps, ctx, catalog, input, offset);
  if (input.mode === 'create') {
    const given = rows.map((values, row) => ({ row, values }));
    await settle(run, given, 'created', (pending) =>
      createDrafts(
        deps,
        ctx,
        catalog,
        input.entity,
        pending.map(({ values }) => values),
        { ...run.settings, keepsIds: false },
      ),
    );
  } else {
    const key = keyColumn(scope, input.key ?? 'id');
    for (const round of rounds(rows.map((values, row) => ({ row, values, key: keyText(values[key.field]) }))))
      await matchedRound(run, key, round);
  }
  return inOrder(run);
}
