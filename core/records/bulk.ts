import { denied, invalid, isTrellisError, type Issue } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import { didYouMean } from '../base/suggest.js';
import type { Catalog } from '../catalog/index.js';
import { compileIds, type Scoped } from '../query/index.js';
import type { BulkInput, BulkRowResult, Ctx, RecordData } from '../sdk/index.js';
import type { Draft } from './draft.js';
import { deleteRows, restoreOne } from './remove.js';
import { guardedWrite, type RecordsDeps, type TxCtx } from './transaction.js';
import { changeDrafts, createDrafts, LateFindings, lockRows, type Locked, type WriteOutcome } from './write.js';

/** Rows that one transaction of a bulk write takes; larger inputs go in pieces, so that nobody waits long for a lock. */
const ROWS_A_TRANSACTION = 10_000;
const ROWS_WHERE = 1_000;

interface Keyed {
  readonly row: number;
  readonly values: RecordData;
  /** Text of the key, null where the row has none. */
  readonly key: string | null;
}

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
  const results = new Map<number, BulkRowResult>();
  const refuseRow = (row: number, issues: readonly Issue[]): void =>
    void results.set(row, { row: offset + row, status: 'refused', issues: issues.map((issue) => ({ ...issue })) });
  if (input.mode === 'create') {
    await settle(
      ctx,
      rows.map((values, row) => ({ row, values })),
      (pending) =>
        createDrafts(
          deps,
          ctx,
          catalog,
          input.entity,
          pending.map(({ values }) => values),
          { systemFields: input.systemFields ?? false, withData: false },
        ),
      'created',
      results,
      offset,
    );
  } else {
    const key = keyColumn(scope, input.key ?? 'id');
    for (const round of rounds(rows.map((values, row) => ({ row, values, key: keyText(values[key.field]) })))) {
      await matchedRound(deps, ctx, catalog, input, key, round, results, refuseRow, offset);
    }
  }
  return [...results.values()].sort((a, b) => a.row - b.row);
}

interface KeyColumn {
  readonly field: string;
  readonly column: string;
  readonly type: string;
}

/** Only a field that the actor may read can match: else it would tell which values there are. */
function keyColumn({ entity, fields }: Scoped, key: string): KeyColumn {
  const field = entity.fields.get(key);
  const usable = [...entity.fields.values()]
    .filter((each) => fields.has(each.key) && (each.unique || each.key === 'id' || each.key === 'externalId'))
    .map((each) => each.key);
  if (!field || !usable.includes(key))
    throw invalid('bulk.bad_key', `Rows cannot be matched by "${key}".${didYouMean(key, usable)}`, {
      params: { key },
      hint: `Use one of: ${usable.join(', ')}.`,
    });
  const [column] = field.kind.columns(field);
  return { field: key, column: column.name, type: column.type.split(' collate ')[0] };
}

/** A key that stands twice is taken one after the other: the second row finds what the first one made. */
function rounds(rows: readonly Keyed[]): Keyed[][] {
  const seen = new Map<string, number>();
  const out: Keyed[][] = [];
  for (const row of rows) {
    const n = row.key === null ? 0 : (seen.get(row.key) ?? 0);
    if (row.key !== null) seen.set(row.key, n + 1);
    (out[n] ??= []).push(row);
  }
  return out;
}

async function matchedRound(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: BulkInput,
  key: KeyColumn,
  round: readonly Keyed[],
  results: Map<number, BulkRowResult>,
  refuseRow: (row: number, issues: readonly Issue[]) => void,
  offset: number,
): Promise<void> {
  const operation = input.mode === 'delete' ? 'delete' : 'update';
  const settings = {
    systemFields: input.systemFields ?? false,
    withData: false,
    keepsIds: ctx.actor.kind === 'system',
  };
  const found = await lockByKey(deps, ctx, catalog, input, key, round, operation);
  const matched: { row: number; locked: Locked; values: RecordData }[] = [];
  const fresh: { row: number; values: RecordData }[] = [];
  for (const each of round) {
    let locked = each.key === null ? undefined : found.get(each.key);
    if (locked && !locked.readable) locked = undefined;
    if (locked?.deleted) {
      if (input.mode !== 'upsert' || !input.revive) {
        refuseRow(each.row, [
          {
            path: key.field,
            code: 'record.deleted',
            message: 'The record with this key is in the recycle bin.',
            params: { key: each.key },
          },
        ]);
        continue;
      }
      await restoreOne(deps, ctx, { entity: input.entity, id: locked.id });
      [locked] = await lockRows(
        deps,
        ctx,
        catalog,
        input.entity,
        { column: 'id', type: 'uuid', values: [locked.id] },
        'update',
        'exclude',
      );
    }
    if (locked && !locked.writable)
      refuseRow(each.row, [
        { path: key.field, code: 'access.denied', message: `You may not ${operation} this record.` },
      ]);
    else if (locked) matched.push({ row: each.row, locked, values: withoutKey(each.values, key.field) });
    else if (input.mode === 'upsert')
      fresh.push({
        row: each.row,
        values: key.field === 'id' && !settings.keepsIds ? withoutKey(each.values, 'id') : each.values,
      });
    else
      refuseRow(each.row, [
        { path: key.field, code: 'record.not_found', message: 'There is no such record.', params: { key: each.key } },
      ]);
  }
  if (input.mode === 'delete')
    await deleteMatched(deps, ctx, catalog, input.entity, matched, results, refuseRow, offset);
  else
    await settle(
      ctx,
      matched,
      (pending) => changeDrafts(deps, ctx, catalog, input.entity, pending, settings),
      'updated',
      results,
      offset,
    );
  if (fresh.length > 0)
    await settle(
      ctx,
      fresh,
      (pending) =>
        createDrafts(
          deps,
          ctx,
          catalog,
          input.entity,
          pending.map(({ values }) => values),
          settings,
        ),
      'created',
      results,
      offset,
    );
}

async function lockByKey(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: BulkInput,
  key: KeyColumn,
  round: readonly Keyed[],
  operation: 'update' | 'delete',
): Promise<Map<string, Locked>> {
  const keys = round.flatMap((each) =>
    each.key !== null && (key.type !== 'uuid' || isUuid(each.key)) ? [each.key] : [],
  );
  const rows =
    keys.length === 0
      ? []
      : await lockRows(
          deps,
          ctx,
          catalog,
          input.entity,
          { column: key.column, type: key.type, values: [...new Set(keys)] },
          operation,
          'any',
        );
  const found = new Map<string, Locked>();
  // A live record wins over a deleted one of the same key.
  for (const row of rows) if (!found.has(row.key) || !row.deleted) found.set(row.key, row);
  return found;
}

/**
 * Runs one set-wise write behind a savepoint and notes what became of each row. Where findings come only after the
 * write, it is rolled back and repeated without those rows.
 */
async function settle<P extends { row: number; values: RecordData }>(
  ctx: TxCtx,
  rows: readonly P[],
  work: (pending: readonly P[]) => Promise<WriteOutcome>,
  done: 'created' | 'updated',
  results: Map<number, BulkRowResult>,
  offset: number,
): Promise<void> {
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

async function deleteMatched(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  entity: string,
  matched: readonly { row: number; locked: Locked }[],
  results: Map<number, BulkRowResult>,
  refuseRow: (row: number, issues: readonly Issue[]) => void,
  offset: number,
): Promise<void> {
  if (matched.length === 0) return;
  await ctx.tx.query('savepoint bulk');
  try {
    await deleteRows(
      { deps, ctx, catalog },
      entity,
      matched.map(({ locked }) => locked),
    );
    await ctx.tx.query('release savepoint bulk');
    for (const { row, locked } of matched) results.set(row, { row: offset + row, status: 'deleted', id: locked.id });
  } catch (error) {
    if (!isTrellisError(error) || error.kind === 'broken') throw error;
    await ctx.tx.query('rollback to savepoint bulk');
    if (matched.length === 1)
      return refuseRow(matched[0].row, [{ path: '', code: error.code, message: error.message, params: error.params }]);
    // One that is held keeps only itself, not the whole batch.
    const middle = Math.ceil(matched.length / 2);
    await deleteMatched(deps, ctx, catalog, entity, matched.slice(0, middle), results, refuseRow, offset);
    await deleteMatched(deps, ctx, catalog, entity, matched.slice(middle), results, refuseRow, offset);
  }
}

/** One patch (null: deletion) for all records that match and that the actor may write, in pieces. */
export async function bulkWhere(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; filter?: string; q?: string; patch: RecordData | null },
): Promise<{ matched: number; changed: number; refused: number }> {
  const totals = { matched: 0, changed: 0, refused: 0 };
  let after: string | null = null;
  do {
    const last: string | null = after;
    after = await guardedWrite(deps, ctx, async (inner, catalog) => {
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
      totals.matched += ids.length;
      totals.changed += results.filter((result) => result.status === 'updated' || result.status === 'deleted').length;
      totals.refused += results.filter((result) => result.status === 'refused').length;
      return ids.length < ROWS_WHERE ? null : ids[ids.length - 1];
    });
  } while (after !== null);
  return totals;
}

function withoutKey(values: RecordData, key: string): RecordData {
  const { [key]: _, ...rest } = values;
  return rest;
}

function keyText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  return typeof value === 'object' ? String((value as { id?: unknown }).id) : String(value);
}
