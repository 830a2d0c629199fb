import type { Catalog } from '../../catalog/index.js';
import type { BulkRowResult, Json, RecordData } from '../../sdk/index.js';
import type { ConvertedRow } from '../convert/row.js';
import { isRefused } from '../convert/row.js';
import type { ExchangeDeps } from '../deps.js';
import type { ImportEntity } from '../import-env.js';
import { arrivals } from '../links/arrivals.js';
import { keepPending } from '../links/pending.js';
import type { PendingRef } from '../links/resolve.js';
import { resolveLinks } from '../links/resolve.js';
import type { ImportMode, ImportProblem } from '../types.js';
import type { Standing } from './existing.js';
import { differing, standing, writable } from './existing.js';
import type { TxCtx } from './transaction.js';

export interface ChunkInput {
  readonly importId: string;
  readonly entity: ImportEntity;
  readonly mode: ImportMode;
  readonly key: string;
  readonly fallbackOwner: string;
  readonly rows: readonly ConvertedRow[];
}

/** What became of a chunk. */
export interface ChunkOutcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly pending: number;
  readonly warnings: Readonly<Record<string, number>>;
}

/** One line of trellis.import_row in the making. */
interface Trace {
  row: number;
  action: 'created' | 'updated' | 'unchanged' | 'refused';
  record_id: string | null;
  version: number | null;
  previous: RecordData | null;
  cells: Json | null;
  reasons: ImportProblem[] | null;
}

/** Set when a record is made; never on one that stands. */
const ON_CREATE_ONLY = new Set(['createdAt', 'createdBy', 'updatedAt', 'updatedBy']);
/** Said once in the counts; a reason beside every row would only be noise. */
const COUNTED_ONLY = new Set(['user.unknown', 'link.pending']);

/**
 * Writes converted rows in the transaction of `ctx`: links, records, traces for undo and for the file of refused rows,
 * references that wait, and those that waited for these rows.
 */
export async function writeChunk(
  deps: ExchangeDeps,
  ctx: TxCtx,
  catalog: Catalog,
  given: ChunkInput,
): Promise<ChunkOutcome> {
  // Links are filled in below; a transaction that is repeated must find the rows as they were.
  const input = {
    ...given,
    rows: given.rows.map((row) => ({ ...row, values: { ...row.values }, problems: [...row.problems] })),
  };
  // Two imports of the same keys go one after the other, chunk by chunk.
  await ctx.tx.query(`select pg_advisory_xact_lock(hashtext('trellis.import'), hashtext($1))`, [input.entity.model.id]);
  const run = (statement: { text: string; values: readonly unknown[] }) =>
    ctx.tx.query(statement.text, statement.values);
  const waiting = await resolveLinks(deps, ctx, catalog, run, { rows: input.rows, fallbackOwner: input.fallbackOwner });
  const traces = input.rows.filter(isRefused).map((row) => refusal(row, row.problems));
  for (const batch of uniqueKeys(
    input.rows.filter((row) => !isRefused(row)),
    input,
  ))
    traces.push(...(await writeBatch(deps, ctx, catalog, input, batch)));

  const written = new Map(
    traces.filter((trace) => trace.record_id !== null).map((trace) => [trace.row, trace.record_id as string]),
  );
  await keepTraces(ctx, input.importId, traces);
  const kept: PendingRef[] = waiting.filter((ref) => written.has(ref.row));
  await keepPending(ctx, { importId: input.importId, entity: input.entity.model.id, refs: kept, records: written });
  const keys = input.rows
    .filter((row) => written.has(row.number))
    .map((row) => ({ id: written.get(row.number) as string, values: row.values }));
  await arrivals(deps, ctx, catalog, { entity: input.entity.model, records: keys });
  return outcome(input.rows, traces, kept.length);
}

async function writeBatch(
  deps: ExchangeDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: ChunkInput,
  rows: readonly ConvertedRow[],
): Promise<Trace[]> {
  const { model } = input.entity;
  const keyOf = (row: ConvertedRow): string => String(row.values[input.key] ?? '');
  const known =
    input.mode === 'create'
      ? new Map<string, Standing>()
      : await standing(deps.access, ctx, catalog, {
          entity: model.id,
          key: input.key,
          values: rows.map(keyOf).filter((key) => key !== ''),
        });
  const traces: Trace[] = [];
  const fresh: Fresh[] = [];
  const clashing: Fresh[] = [];
  const changed: { row: ConvertedRow; values: RecordData; old: Standing }[] = [];
  for (const row of rows) {
    const old = known.get(keyOf(row));
    if (old && old.visible && !old.deleted) {
      const values = differing(model, forStanding(row, input.key), old.data);
      if (Object.keys(values).length === 0) traces.push({ ...trace(row, 'unchanged'), record_id: old.id });
      else changed.push({ row, values, old });
    } else if (input.mode === 'update') {
      traces.push(
        refusal(row, [
          {
            row: row.number,
            field: input.key,
            code: 'record.not_found',
            message: `There is no record whose ${input.key} is "${keyOf(row)}".`,
            severity: 'error',
          },
        ]),
      );
    } else if (old) clashing.push({ row, values: withoutNulls(row.values) });
    else fresh.push({ row, values: newValues(row, input) });
  }
  const made = await bulk(
    deps,
    ctx,
    model.id,
    'create',
    'id',
    fresh.map((item) => item.values),
  );
  made.forEach((result, at) => traces.push(toTrace(fresh[at].row, result, null, null, 1)));
  // A key in the recycle bin, or of a record that is not the actor's: records knows the words for it.
  const clashes = await bulk(
    deps,
    ctx,
    model.id,
    'upsert',
    input.key,
    clashing.map((item) => item.values),
  );
  clashes.forEach((result, at) => traces.push(toTrace(clashing[at].row, result, null, null, 1)));
  const revised = await bulk(
    deps,
    ctx,
    model.id,
    'update',
    'id',
    changed.map((item) => ({ ...item.values, id: item.old.id })),
  );
  revised.forEach((result, at) => {
    const { row, old, values } = changed[at];
    const previous = Object.fromEntries(
      Object.keys(values)
        // What a secret was before cannot be written again.
        .filter((key) => !model.fields.get(key)?.kind.sealed)
        .map((key) => [key, writable(model.fields.get(key), old.data[key] ?? null)]),
    );
    traces.push(toTrace(row, result, old.id, previous, old.version + 1));
  });
  return traces;
}

interface Fresh {
  readonly row: ConvertedRow;
  readonly values: RecordData;
}

async function bulk(
  deps: ExchangeDeps,
  ctx: TxCtx,
  entity: string,
  mode: 'create' | 'upsert' | 'update',
  key: string,
  rows: RecordData[],
): Promise<BulkRowResult[]> {
  if (rows.length === 0) return [];
  const results = await deps.records.bulk(ctx, { entity, mode, rows, key, atomic: false, systemFields: true });
  return [...results].sort((a, b) => a.row - b.row);
}

/** Batches in which no key occurs twice: the second row with a key must find the first one's record. */
function uniqueKeys(rows: readonly ConvertedRow[], input: ChunkInput): ConvertedRow[][] {
  if (input.mode === 'create') return rows.length > 0 ? [[...rows]] : [];
  const batches: ConvertedRow[][] = [];
  let seen = new Set<string>();
  for (const row of rows) {
    const key = String(row.values[input.key] ?? '');
    if (batches.length === 0 || (key !== '' && seen.has(key))) {
      batches.push([]);
      seen = new Set();
    }
    seen.add(key);
    batches[batches.length - 1].push(row);
  }
  return batches;
}

/** A record that stands keeps its owner where the file's is unknown, and what says when and by whom it was made. */
function forStanding(row: ConvertedRow, key: string): RecordData {
  const ownerUnknown = row.problems.some((problem) => problem.field === 'ownerId' && problem.code === 'user.unknown');
  return Object.fromEntries(
    Object.entries(row.values).filter(
      ([name]) => name !== key && name !== 'id' && !ON_CREATE_ONLY.has(name) && !(ownerUnknown && name === 'ownerId'),
    ),
  );
}

/** A new record gets an id of its own, whatever the file says. */
function newValues(row: ConvertedRow, input: ChunkInput): RecordData {
  const { id, ...values } = withoutNulls(row.values);
  return input.key === 'id' || id === undefined ? values : { ...values, id };
}

/** An empty cell leaves a new record to its default. */
function withoutNulls(values: RecordData): RecordData {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

function trace(row: ConvertedRow, action: Trace['action']): Trace {
  const told = row.problems.filter((problem) => !COUNTED_ONLY.has(problem.code));
  return {
    row: row.number,
    action,
    record_id: null,
    version: null,
    previous: null,
    cells: null,
    reasons: told.length > 0 ? told : null,
  };
}

function toTrace(
  row: ConvertedRow,
  result: BulkRowResult,
  id: string | null,
  previous: RecordData | null,
  version: number,
): Trace {
  if (result.status === 'refused') {
    return refusal(
      row,
      result.issues.map((issue): ImportProblem => ({
        row: row.number,
        field: issue.path,
        code: issue.code,
        message: issue.message,
        severity: 'error',
      })),
    );
  }
  if (result.status === 'unchanged') return { ...trace(row, 'unchanged'), record_id: result.id };
  return { ...trace(row, id === null ? 'created' : 'updated'), record_id: result.id, version, previous };
}

/** A refused row, with its cells for the file of refused rows. */
export function refusal(row: ConvertedRow, reasons: readonly ImportProblem[]): Trace {
  return { ...trace(row, 'refused'), cells: row.cells as unknown as Json, reasons: [...reasons] };
}

/** Stores what undo and the file of refused rows need. */
export async function keepTraces(ctx: TxCtx, importId: string, traces: readonly Trace[]): Promise<void> {
  const lasting = traces.filter((one) => one.action !== 'unchanged');
  if (lasting.length === 0) return;
  await ctx.tx.query(
    `insert into trellis.import_row (import_id, row, action, record_id, version, previous, cells, reasons)
     select $1::uuid, r.* from json_to_recordset($2::json) as r(row bigint, action text, record_id uuid, version integer, previous jsonb, cells jsonb, reasons jsonb)`,
    [importId, JSON.stringify(lasting)],
  );
}

function outcome(rows: readonly ConvertedRow[], traces: readonly Trace[], pending: number): ChunkOutcome {
  const count = (action: Trace['action']) => traces.filter((one) => one.action === action).length;
  const warnings: Record<string, number> = {};
  // Of a refused row nothing is written, and so no cell of it left empty.
  const refused = new Set(traces.filter((one) => one.action === 'refused').map((one) => one.row));
  for (const row of rows.filter((one) => !refused.has(one.number)))
    for (const problem of row.problems)
      if (problem.severity === 'warning') warnings[problem.code] = (warnings[problem.code] ?? 0) + 1;
  return {
    created: count('created'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    refused: refused.size,
    pending,
    warnings,
  };
}
