import type { Ctx, Tx } from './context.js';

/** Plain JSON, as it stands in a request or answer. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A record as the API shows it: field key → JSON value; a link is `{ id, title }` or null. */
export type RecordData = Record<string, Json>;

export interface LinkValue {
  id: string;
  /** Null where the target has no title. */
  title: string | null;
}

export interface ReadQuery {
  entity: string;
  /** Field keys, and paths over to-one links (`company.name`); absent: all readable fields. */
  fields?: readonly string[];
  /** A CEL expression over the entity. */
  filter?: string;
  /** `-createdAt,name` split at commas; a leading minus sorts descending. Absent: newest first. */
  sort?: readonly string[];
  /** Free text over the searchable fields. */
  q?: string;
  /** 1–500; absent: 50. */
  limit?: number;
  /** The cursor of an earlier page. */
  after?: string;
  count?: 'none' | 'estimate' | 'exact';
  /** `only` lists the recycle bin. */
  deleted?: 'exclude' | 'only';
}

export interface Page {
  limit: number;
  /** The cursor of the next page, or null on the last. */
  next: string | null;
  count?: number;
}

export interface AggregateQuery {
  entity: string;
  groupBy: { field: string; bucket?: 'day' | 'week' | 'month' | 'quarter' | 'year' }[];
  measures: { fn: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'countDistinct'; field?: string }[];
  filter?: string;
  q?: string;
  sort?: readonly string[];
  limit?: number;
}

export type BulkMode = 'create' | 'update' | 'upsert' | 'delete';

export interface BulkInput {
  entity: string;
  mode: BulkMode;
  rows: RecordData[];
  /** The field by which rows are matched (`id`, `externalId` or a unique field); absent: `id`. */
  key?: string;
  /** True: one bad row refuses all. False: good rows are written, bad ones reported. */
  atomic: boolean;
  /** Upsert revives a deleted record instead of refusing. */
  revive?: boolean;
  /** May set createdAt, createdBy, updatedAt, updatedBy (needs the `import` permission). */
  systemFields?: boolean;
}

/** What became of one row of a bulk write. `row` counts from 0 in the order given. */
export type BulkRowResult =
  | { row: number; status: 'created' | 'updated' | 'unchanged' | 'deleted'; id: string }
  | {
      row: number;
      status: 'refused';
      issues: { path: string; code: string; message: string; params?: Record<string, unknown> }[];
    };

export interface WriteOptions {
  /** Writes nothing, answers what would be written. */
  dryRun?: boolean;
}

/** The one door to rows. Every verb checks the actor of its ctx. */
export interface RecordsApi {
  /** Throws record.not_found, also where the actor may not read it. */
  get(ctx: Ctx, input: { entity: string; id: string; fields?: readonly string[] }): Promise<RecordData>;
  list(ctx: Ctx, query: ReadQuery): Promise<{ data: RecordData[]; page: Page }>;
  aggregate(ctx: Ctx, query: AggregateQuery): Promise<RecordData[]>;
  create(ctx: Ctx, input: { entity: string; values: RecordData } & WriteOptions): Promise<RecordData>;
  /** `version` is the one the caller saw; another current one → record.stale. */
  update(
    ctx: Ctx,
    input: { entity: string; id: string; values: RecordData; version?: number } & WriteOptions,
  ): Promise<RecordData>;
  /** To the recycle bin; links that cascade go along under one deletion id. */
  delete(ctx: Ctx, input: { entity: string; id: string; version?: number } & WriteOptions): Promise<void>;
  restore(ctx: Ctx, input: { entity: string; id: string }): Promise<RecordData>;
  /**
   * The text of a secret field, or null where none is set; for plugin code alone. Needs the right to edit the field; each time is
   * kept in the record's history as `reveal`.
   */
  reveal(ctx: Ctx, input: { entity: string; id: string; field: string }): Promise<string | null>;
  /** For good. Needs the purge permission; the record must be in the recycle bin. */
  purge(ctx: Ctx, input: { entity: string; id: string }): Promise<void>;
  bulk(ctx: Ctx, input: BulkInput): Promise<BulkRowResult[]>;
  /** Applies one patch to (or deletes) all records that match and that the actor may write. Returns how many. */
  bulkWhere(
    ctx: Ctx,
    input: { entity: string; filter?: string; q?: string; patch: RecordData | null },
  ): Promise<{ matched: number; changed: number; refused: number }>;
  /** Runs several verbs in one transaction, guarded like any write. `work` gets the context inside it, and may run again after a deadlock. */
  transaction<T>(ctx: Ctx, work: (ctx: Ctx & { readonly tx: Tx }) => Promise<T>): Promise<T>;
}
