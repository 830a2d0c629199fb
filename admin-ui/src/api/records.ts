import { request, urlOf } from './client.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A record as the API shows it. */
export type RecordData = Record<string, Json>;

export interface LinkValue {
  id: string;
  title: string | null;
}

export interface Page {
  limit: number;
  next: string | null;
  count?: number;
}

export interface ListQuery {
  fields?: readonly string[];
  filter?: string;
  sort?: readonly string[];
  q?: string;
  limit?: number;
  after?: string;
  count?: 'none' | 'estimate' | 'exact';
  deleted?: 'only';
  asOf?: string;
}

export interface ListAnswer {
  data: RecordData[];
  page: Page;
}

export interface AggregateQuery {
  groupBy: { field: string; bucket?: 'day' | 'week' | 'month' | 'quarter' | 'year' }[];
  measures: { fn: string; field?: string }[];
  filter?: string;
  q?: string;
  sort?: string[];
  limit?: number;
}

export interface HistoryEntry {
  version: number;
  at: string;
  actor: LinkValue | null;
  /** The administrator who acted as that user; absent: nobody did. */
  actedBy?: { id: string | null; title: string | null };
  operation: string;
  changes: HistoryChange[];
}

/** One field of a change. Of a field that is retired also what it was, since the catalog no longer has it. */
export interface HistoryChange {
  field: string;
  before: Json;
  after: Json;
  retired?: true;
  title?: string;
  kind?: string;
  to?: string[];
  options?: { value: string; title: string; color?: string }[];
}

export type BulkRowResult =
  | { row: number; status: 'created' | 'updated' | 'unchanged' | 'deleted'; id: string }
  | { row: number; status: 'refused'; issues: { path: string; code: string; message: string }[] };

/** Beyond this many characters a list is asked for by POST, so that no proxy cuts the address. */
const longUrl = 1800;

/** A page of records. */
export function listRecords(entity: string, query: ListQuery = {}, signal?: AbortSignal): Promise<ListAnswer> {
  const { fields, sort, ...rest } = query;
  const url = urlOf(pathOf(entity), { ...rest, fields, sort });
  if (url.length <= longUrl) return request(url, { signal });
  return request(`${pathOf(entity)}/query`, { method: 'POST', body: query, signal });
}

/** All records of a list, page by page, up to some thousands. */
export async function listAll(entity: string, query: ListQuery, signal?: AbortSignal): Promise<RecordData[]> {
  const found: RecordData[] = [];
  for (let after: string | undefined; found.length < 5_000;) {
    const { data, page } = await listRecords(entity, { ...query, limit: 500, after }, signal);
    found.push(...data);
    if (page.next === null) break;
    after = page.next;
  }
  return found;
}

/** The value of a link to one record, or null. */
export function linkOf(value: unknown): LinkValue | null {
  return typeof value === 'object' && value !== null && 'id' in value ? (value as LinkValue) : null;
}

/** One record; 404 also where the user may not read it. */
export async function getRecord(
  entity: string,
  id: string,
  signal?: AbortSignal,
  fields?: readonly string[],
): Promise<RecordData> {
  return (await request<{ data: RecordData }>(pathOf(entity, id), { signal, query: { fields } })).data;
}

/** A record as it was at an instant; `omitted` names the fields that history does not keep, `reasons` why: links, lines, rollup, formula. */
export interface PastRecord {
  data: RecordData;
  asOf: string;
  omitted: string[];
  reasons?: Record<string, string>;
}

/** 404 `record.not_then` where it did not exist then. */
export function getRecordAsOf(entity: string, id: string, asOf: string, signal?: AbortSignal): Promise<PastRecord> {
  return request<PastRecord>(pathOf(entity, id), { signal, query: { asOf } });
}

export async function createRecord(
  entity: string,
  values: RecordData,
  options: { dryRun?: boolean } = {},
): Promise<RecordData> {
  return (
    await request<{ data: RecordData }>(pathOf(entity), {
      method: 'POST',
      body: values,
      query: { dryRun: options.dryRun },
    })
  ).data;
}

/** `version` is the one the user saw; a newer one on the server answers 412 `record.stale`. */
export async function updateRecord(
  entity: string,
  id: string,
  values: RecordData,
  version?: number,
): Promise<RecordData> {
  return (await request<{ data: RecordData }>(pathOf(entity, id), { method: 'PATCH', body: values, version })).data;
}

/** To the recycle bin. */
export function deleteRecord(entity: string, id: string, version?: number): Promise<void> {
  return request(pathOf(entity, id), { method: 'DELETE', version });
}

export async function restoreRecord(entity: string, id: string): Promise<RecordData> {
  return (await request<{ data: RecordData }>(`${pathOf(entity, id)}/restore`, { method: 'POST' })).data;
}

/** For good. */
export function purgeRecord(entity: string, id: string): Promise<void> {
  return request(`${pathOf(entity, id)}/purge`, { method: 'POST' });
}

/** Writes many given rows. With `atomic: false` good rows are written and bad ones reported. */
export async function bulkRecords(
  entity: string,
  mode: 'create' | 'update' | 'upsert' | 'delete',
  rows: RecordData[],
  options: { key?: string; atomic?: boolean } = {},
): Promise<BulkRowResult[]> {
  const query = { mode, key: options.key, atomic: options.atomic ?? false };
  return (await request<{ data: BulkRowResult[] }>(`${pathOf(entity)}/bulk`, { method: 'POST', body: rows, query }))
    .data;
}

/** Applies one patch to (null: deletes) all records that match. */
export async function bulkWhere(
  entity: string,
  input: { filter?: string; q?: string; patch: RecordData | null },
): Promise<{ matched: number; changed: number; refused: number }> {
  const query = { mode: input.patch === null ? 'delete' : 'update' };
  // The server wants the filter said; `true` is every record.
  const body = { filter: input.filter ?? (input.q ? undefined : 'true'), q: input.q, patch: input.patch };
  return (
    await request<{ data: { matched: number; changed: number; refused: number } }>(`${pathOf(entity)}/bulk`, {
      method: 'POST',
      body,
      query,
    })
  ).data;
}

export async function aggregateRecords(
  entity: string,
  query: AggregateQuery,
  signal?: AbortSignal,
): Promise<RecordData[]> {
  return (await request<{ data: RecordData[] }>(`${pathOf(entity)}/aggregate`, { method: 'POST', body: query, signal }))
    .data;
}

/** Field history, newest first. */
export function recordHistory(
  entity: string,
  id: string,
  query: { limit?: number; after?: string } = {},
  signal?: AbortSignal,
): Promise<{ data: HistoryEntry[]; page: Page }> {
  return request(`${pathOf(entity, id)}/history`, { query, signal });
}

/** Address of a download; the browser follows it with its cookie. */
export function exportUrl(entity: string, format: 'csv' | 'xlsx' | 'ndjson', query: ListQuery = {}): string {
  const { fields, sort, filter, q, deleted } = query;
  return urlOf(`${pathOf(entity)}/export`, { format, fields, sort, filter, q, deleted });
}

function pathOf(entity: string, id?: string): string {
  const base = `/api/records/${encodeURIComponent(entity)}`;
  return id === undefined ? base : `${base}/${encodeURIComponent(id)}`;
}
