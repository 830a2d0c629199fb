import { isUuid } from '../base/ids.js';
import { compileAggregate, compileGet, compileList, isCommonSearch } from '../query/index.js';
import type { AggregateQuery, Ctx, Page, ReadQuery, RecordData } from '../sdk/index.js';
import { guardedRead, type RecordsDeps } from './transaction.js';
import { notFound } from './lock.js';

export interface GetInput {
  readonly entity: string;
  readonly id: string;
  readonly fields?: string[];
  /** `any` finds records of the recycle bin too. */
  readonly deleted?: 'any';
}

/** One record as text; record.not_found where it does not exist for the actor. */
export async function getText(
  deps: RecordsDeps,
  ctx: Ctx,
  input: GetInput,
): Promise<{ body: string; version: number }> {
  const found = await guardedRead(deps, ctx, (current, catalog) => {
    const scope = deps.access.read(current, catalog, input.entity);
    if (!isUuid(input.id)) throw notFound(input.entity, input.id);
    return compileGet(deps.access.env(current, catalog), scope, input);
  });
  if (!found) throw notFound(input.entity, input.id);
  return { body: `{"data":${found.body}}`, version: found.version };
}

/** One record parsed. */
export async function getRecord(deps: RecordsDeps, ctx: Ctx, input: GetInput): Promise<RecordData> {
  const { body } = await getText(deps, ctx, input);
  return (JSON.parse(body) as { data: RecordData }).data;
}

/** One page as text. */
export async function listText(deps: RecordsDeps, ctx: Ctx, query: ReadQuery): Promise<{ body: string }> {
  // Only pages in the list's own order can be walked; a total needs all rows anyway.
  const entity =
    query.q && !query.sort?.length && query.deleted !== 'only' && !ctx.tx
      ? deps.catalog.current.schema.entities.get(query.entity)
      : undefined;
  const hinted = entity
    ? { ...query, isCommonSearch: await isCommonSearch(deps.db, entity, query.q as string) }
    : query;
  const { data, next, total, limit } = await guardedRead(deps, ctx, (current, catalog) =>
    compileList(deps.access.env(current, catalog), deps.access.read(current, catalog, query.entity), hinted),
  );
  const cursor = next === null ? 'null' : `"${next}"`;
  return {
    body: `{"data":[${data}],"page":{"limit":${limit},"next":${cursor}${total === undefined ? '' : `,"count":${total}`}}}`,
  };
}

/** One page parsed. */
export async function listRecords(
  deps: RecordsDeps,
  ctx: Ctx,
  query: ReadQuery,
): Promise<{ data: RecordData[]; page: Page }> {
  return JSON.parse((await listText(deps, ctx, query)).body) as { data: RecordData[]; page: Page };
}

/** Groups and measures as text. */
export async function aggregateText(deps: RecordsDeps, ctx: Ctx, query: AggregateQuery): Promise<{ body: string }> {
  return guardedRead(deps, ctx, (current, catalog) =>
    compileAggregate(deps.access.env(current, catalog), deps.access.read(current, catalog, query.entity), query),
  );
}
