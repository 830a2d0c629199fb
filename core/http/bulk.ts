import { invalid, limited } from '../base/errors.js';
import type { BulkMode, BulkRowResult, Ctx, RecordData, Tx } from '../sdk/index.js';
import { addResults, type BulkCounts, type Records } from '../records/index.js';
import { readRows, type BulkRow } from './row-reader.js';
import { createSpool, type Spool } from './spool.js';

export interface BulkRequest {
  readonly entity: string;
  readonly mode: BulkMode;
  readonly key?: string;
  readonly atomic: boolean;
  readonly revive: boolean;
  readonly systemFields: boolean;
}

/** How a piece of a bulk is run that starts at a row: at once, or with a note by which a repeat knows it. */
export type OncePiece = (offset: number, work: (ctx: Ctx) => Promise<BulkRowResult[]>) => Promise<BulkRowResult[]>;

/** Told in the transaction of the last piece how many rows there were, and, where there are several, in that of the first (null). `keys`: the fields that rows named so far. */
export type BulkNote = (
  inside: Ctx & { readonly tx: Tx },
  counts: BulkCounts | null,
  keys: ReadonlySet<string>,
) => Promise<void>;

interface BulkTelling {
  /** Names that are no field's are not kept: rows may have any number of them. */
  isField(key: string): boolean;
  readonly note: BulkNote;
  readonly once?: OncePiece;
}

/** Rows that go to the records in one call. */
const batchRows = 10_000;
/** Rows that one transaction may hold. */
const atomicRows = 100_000;

/**
 * Writes the rows of a spooled body and answers `{"data":[results],"summary":{…}}`, itself spooled. The whole body is
 * read once before the first row is written, so that a malformed end writes nothing.
 */
export async function runBulk(
  ctx: Ctx,
  records: Records,
  input: BulkRequest,
  source: { body: Spool; format: 'ndjson' | 'array'; folder: string },
  { isField, note, once = (_, work) => work(ctx) }: BulkTelling,
): Promise<Spool> {
  const first: BulkRow[] = [];
  let total = 0;
  for await (const rows of readRows(source.body.stream(), source.format)) {
    total += rows.length;
    if (input.atomic && total > atomicRows)
      throw limited('bulk.too_many_rows', `An atomic bulk takes at most ${atomicRows} rows.`, {
        hint: 'Send atomic=false, or the rows in parts.',
      });
    if (input.atomic || total <= batchRows) first.push(...rows);
  }
  const writer = createResultWriter(source.folder);
  try {
    const keys = new Set<string>();
    let before: BulkCounts = { matched: 0, changed: 0, refused: 0 };
    const write = async (rows: readonly BulkRow[], offset: number): Promise<BulkRowResult[]> => {
      for (const row of rows)
        if ('values' in row) for (const key of Object.keys(row.values)) if (isField(key)) keys.add(key);
      const isLast = offset + rows.length === total;
      const results = await once(offset, (inner) =>
        records.transaction(inner, async (inside) => {
          const written = await writeBatch(inside, records, input, rows, offset);
          if (total === 0) return written;
          if (isLast) await note(inside, addResults(before, written), keys);
          else if (offset === 0) await note(inside, null, keys);
          return written;
        }),
      );
      before = addResults(before, results);
      return results;
    };
    if (input.atomic || total <= batchRows) await writer.add(await write(first, 0));
    else for await (const { rows, offset } of batches(source)) await writer.add(await write(rows, offset));
    return await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

async function* batches(source: {
  body: Spool;
  format: 'ndjson' | 'array';
}): AsyncGenerator<{ rows: BulkRow[]; offset: number }> {
  let waiting: BulkRow[] = [];
  let offset = 0;
  for await (const rows of readRows(source.body.stream(), source.format)) {
    waiting = waiting.concat(rows);
    while (waiting.length >= batchRows) {
      yield { rows: waiting.slice(0, batchRows), offset };
      offset += batchRows;
      waiting = waiting.slice(batchRows);
    }
  }
  if (waiting.length > 0) yield { rows: waiting, offset };
}

/** Rows whose text cannot be stored are refused here; the others go on, and all answers come back in order. */
async function writeBatch(
  ctx: Ctx,
  records: Records,
  input: BulkRequest,
  rows: readonly BulkRow[],
  offset: number,
): Promise<BulkRowResult[]> {
  const good: RecordData[] = [];
  const places: number[] = [];
  const results: BulkRowResult[] = [];
  rows.forEach((row, place) => {
    if ('values' in row) {
      good.push(row.values);
      places.push(place);
    } else {
      results.push({ row: offset + place, status: 'refused', issues: row.issues.map((issue) => ({ ...issue })) });
    }
  });
  if (input.atomic && results.length > 0) {
    const issues = results.flatMap((result) =>
      result.status === 'refused'
        ? result.issues.map((issue) => ({ ...issue, path: `/${result.row}${issue.path}` }))
        : [],
    );
    throw invalid('bulk.refused', `${results.length} rows cannot be taken, so none was written.`, {
      issues: issues.slice(0, 1000),
    });
  }
  const { entity, mode, key, atomic, revive, systemFields } = input;
  const written = await records.bulk(ctx, { entity, mode, rows: good, key, atomic, revive, systemFields });
  for (const result of written) results.push({ ...result, row: offset + places[result.row] });
  return results.length === written.length ? results : results.sort((a, b) => a.row - b.row);
}

interface ResultWriter {
  add(results: readonly BulkRowResult[]): Promise<void>;
  finish(): Promise<Spool>;
  abandon(): Promise<void>;
}

function createResultWriter(folder: string): ResultWriter {
  const spool = createSpool(folder);
  const summary = { created: 0, updated: 0, unchanged: 0, deleted: 0, refused: 0 };
  let separator = '{"data":[';
  return {
    async add(results) {
      if (results.length === 0) return;
      for (const { status } of results) summary[status]++;
      const text = results.map((result) => JSON.stringify(result)).join(',');
      await spool.write(Buffer.from(separator + text));
      separator = ',';
    },
    async finish() {
      await spool.write(Buffer.from(`${separator === ',' ? '' : separator}],"summary":${JSON.stringify(summary)}}`));
      return spool.finish();
    },
    abandon: () => spool.abandon(),
  };
}
