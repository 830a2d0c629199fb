import type { AccessPreview } from '../../schemas/studio.js';
import type { Catalog } from '../catalog/index.js';
import type { ShareInput } from './shares.js';
import type { Ctx, ReadQuery, RecordData, RecordsApi, WriteOptions } from '../sdk/index.js';

/** The verbs that answer with the JSON text PostgreSQL built, for the socket. `{"data":…}` is complete in `body`. */
export interface RecordTexts {
  getText(
    ctx: Ctx,
    input: { entity: string; id: string; fields?: string[] },
  ): Promise<{ body: string; version: number }>;
  listText(ctx: Ctx, query: ReadQuery): Promise<{ body: string }>;
  aggregateText(ctx: Ctx, query: Parameters<RecordsApi['aggregate']>[1]): Promise<{ body: string }>;
  createText(
    ctx: Ctx,
    input: { entity: string; values: RecordData } & WriteOptions,
  ): Promise<{ body: string; version: number; id: string }>;
  updateText(
    ctx: Ctx,
    input: { entity: string; id: string; values: RecordData; version?: number } & WriteOptions,
  ): Promise<{ body: string; version: number }>;
  /** Purges records of the recycle bin set-wise; those that are not there, or that the actor may not purge, are left out. Returns how many went. */
  purgeMany(ctx: Ctx, input: { entity: string; ids: readonly string[] }): Promise<number>;
  /** Field history, newest first: `{"data":[{version,at,actor:{id,title}|null,operation,changes:[{field,before,after}]}],"page":{…}}`. */
  historyText(
    ctx: Ctx,
    input: { entity: string; id: string; limit?: number; after?: string },
  ): Promise<{ body: string }>;
  /** The record as it was at an earlier instant: `{"data":{…},"asOf":…,"omitted":[…]}`. */
  asOfText(ctx: Ctx, input: { entity: string; id: string; asOf: Date; fields?: string[] }): Promise<{ body: string }>;
  /** The effective grants for this record: `{"data":{"read":{"allowed":true,"because":[…]},…}}`. */
  explainText(ctx: Ctx, input: { entity: string; id: string; userId: string }): Promise<{ body: string }>;
  listShares(ctx: Ctx, input: { entity: string; id: string }): Promise<RecordData[]>;
  share(ctx: Ctx, input: ShareInput): Promise<RecordData>;
  unshare(ctx: Ctx, input: { entity: string; id: string; share: string }): Promise<void>;
}

/** What answers questions about access itself. */
export interface AccessQuestions {
  /** What each user would gain and lose if the catalog `after` took the place of `before`. The caller asks whether one may know. */
  compareAccess(ctx: Ctx, pair: { readonly before: Catalog; readonly after: Catalog }): Promise<AccessPreview>;
}

export type Records = RecordsApi & RecordTexts & AccessQuestions;

/** Nest injection token of `Records`. */
export const RECORDS = Symbol('RECORDS');
