import { Readable } from 'node:stream';
import { denied, limited } from '../../base/errors.js';
import type { Ctx, Page, RecordData } from '../../sdk/index.js';
import type { ExchangeDeps } from '../deps.js';
import { userOf } from '../store.js';
import type { ExportInput, ExportStream } from '../types.js';
import { csvLine } from '../write/csv-line.js';
import type { ExportColumn } from './columns.js';
import { exportColumns, pathColumn } from './columns.js';
import { MAX_XLSX_ROWS, workbook } from './workbook.js';

const ROWS = 500;

/**
 * Exports what a list shows, in keyset chunks that are each a statement of their own: however slow the reader, no
 * transaction waits for it. Throws access.denied, export.too_many_rows, and what a list throws for a bad query.
 */
export async function exportRecords(deps: ExchangeDeps, ctx: Ctx, input: ExportInput): Promise<ExportStream> {
  const catalog = deps.catalog.current;
  const scope = deps.access.read(ctx, catalog, input.entity);
  if (!deps.access.may(ctx, catalog, input.entity, 'export')) {
    throw denied('access.denied', `You may not export ${scope.entity.titlePlural.toLowerCase()}.`, {
      params: { entity: input.entity, operation: 'export' },
      hint: 'Ask an administrator for a role that allows it.',
    });
  }
  const own = [...scope.entity.fields.values()].filter(
    (field) =>
      !field.retired &&
      scope.fields.has(field.key) &&
      field.key !== 'deletedAt' &&
      // Secrets leave in no file; lines are records of their own.
      !field.kind.sealed &&
      !field.lines,
  );
  const asked = input.query.fields;
  const keys = asked ? [...new Set(['id', ...asked])] : own.map((field) => field.key);
  const columns = keys.flatMap((key): ExportColumn[] => {
    const field = own.find((one) => one.key === key);
    return field ? exportColumns([field]) : [pathColumn(key.split('.'))];
  });
  const query = { ...input.query, entity: input.entity, fields: keys, limit: ROWS };
  // The first page is read before anything is promised: a bad query is refused with its own words.
  const first = await pageOf(deps, ctx, query);
  if (input.format === 'xlsx') await refuseLarge(deps, ctx, input);
  await deps.audit.append(null, {
    kind: 'records.exported',
    actor: userOf(ctx),
    requestId: ctx.requestId,
    payload: {
      entity: input.entity,
      format: input.format,
      filter: input.query.filter ?? null,
      q: input.query.q ?? null,
      fields: keys,
      ...(ctx.actor.actedBy ? { actedBy: ctx.actor.actedBy.userId } : {}),
    },
  });
  const fileName = `${scope.entity.titlePlural.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')}-${ctx.now().toISOString().slice(0, 10)}.${input.format}`;
  const pages = () => allPages(deps, ctx, query, first);
  if (input.format === 'csv')
    return { mediaType: 'text/csv; charset=utf-8', fileName, body: Readable.from(csvText(columns, pages())) };
  if (input.format === 'ndjson')
    return { mediaType: 'application/x-ndjson; charset=utf-8', fileName, body: Readable.from(ndjsonText(pages())) };
  return {
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    fileName,
    body: await workbook(columns, pages()),
  };
}

type PageQuery = ExportInput['query'] & { entity: string; limit: number; after?: string; count?: 'exact' };
interface Chunk {
  readonly data: RecordData[];
  readonly page: Page;
}

async function pageOf(deps: ExchangeDeps, ctx: Ctx, query: PageQuery): Promise<Chunk> {
  return JSON.parse((await deps.records.listText(ctx, query)).body) as Chunk;
}

async function* allPages(deps: ExchangeDeps, ctx: Ctx, query: PageQuery, first: Chunk): AsyncGenerator<RecordData[]> {
  let chunk = first;
  for (;;) {
    yield chunk.data;
    const after = chunk.page.next;
    if (after === null) return;
    ctx.signal.throwIfAborted();
    chunk = await pageOf(deps, ctx, { ...query, after });
  }
}

async function refuseLarge(deps: ExchangeDeps, ctx: Ctx, input: ExportInput): Promise<void> {
  const { page } = await pageOf(deps, ctx, {
    ...input.query,
    entity: input.entity,
    fields: ['id'],
    limit: 1,
    count: 'exact',
  });
  if ((page.count ?? 0) > MAX_XLSX_ROWS) {
    throw limited(
      'export.too_many_rows',
      `A workbook holds up to ${MAX_XLSX_ROWS} rows here; this list has ${page.count}.`,
      { hint: 'Export as CSV, which is not limited, or filter the list.', params: { count: page.count } },
    );
  }
}

async function* csvText(columns: readonly ExportColumn[], pages: AsyncIterable<RecordData[]>): AsyncGenerator<string> {
  yield '\ufeff' + csvLine(columns.map((column) => column.header));
  for await (const page of pages)
    if (page.length > 0) yield page.map((record) => csvLine(columns.map((column) => column.cell(record)))).join('');
}

async function* ndjsonText(pages: AsyncIterable<RecordData[]>): AsyncGenerator<string> {
  for await (const page of pages)
    if (page.length > 0) yield page.map((record) => JSON.stringify(record) + '\n').join('');
}
