import { isUuid } from '../base/ids.js';
import { compileAggregate, compileGet, compileList, isCommonSearch } from '../query/index.js';
import type { AggregateQuery, Ctx, Page, ReadQuery, RecordData } from '../sdk/index.js';
import { idsIn, noteRead, sensitiveUse } from './sensitive.js';
import { guardedRead, type RecordsDeps } from './transaction.js';
import { notFound } from './lock.js';

export interface GetInput {
  readonly entity: string;
  readonly id: string;
  readonly fields?: readonly string[];
  /** `any` finds records of the recycle bin too. */
  readonly deleted?: 'any';
}

/** One record as text; record.not_found where it does not exist for the actor. */
export async function getText(
  deps: RecordsDeps,
  ctx: Ctx,
  input: GetInput,
): Promise<{ body: string; version: number }> {
  let fields: readonly string[] = [];
  const found = await guardedRead(deps, ctx, (current, catalog) => {
    const scope = deps.access.read(current, catalog, input.entity);
    if (!isUuid(input.id)) throw notFound(input.entity, input.id);
    const env = deps.access.env(current, catalog);
    fields = sensitiveUse(env, scope, { fields: input.fields });
    return compileGet(env, scope, input);
  });
  if (!found) throw notFound(input.entity, input.id);
  await noteRead(deps.reads, ctx, { how: 'record', entity: input.entity, fields, ids: [input.id] });
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
  let fields: readonly string[] = [];
  const { data, next, total, limit } = await guardedRead(deps, ctx, (current, catalog) => {
    const env = deps.access.env(current, catalog);
    const scope = deps.access.read(current, catalog, query.entity);
    const statement = compileList(env, scope, hinted);
    fields = sensitiveUse(env, scope, query);
    return statement;
  });
  if (fields.length > 0)
    await noteRead(deps.reads, ctx, { how: 'list', entity: query.entity, fields, ids: idsIn(data) });
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
  let fields: readonly string[] = [];
  const answer = await guardedRead(deps, ctx, (current, catalog) => {
    const env = deps.access.env(current, catalog);
    const scope = deps.access.read(current, catalog, query.entity);
    const statement = compileAggregate(env, scope, query);
    fields = sensitiveUse(env, scope, query, true);
    return statement;
  });
  await noteRead(deps.reads, ctx, { how: 'aggregate', entity: query.entity, fields, ids: [] });
  return answer;
}
