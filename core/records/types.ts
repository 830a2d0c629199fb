import type { AccessPreview } from '../../schemas/studio.js';
import type { Catalog } from '../catalog/index.js';
import type { Ctx, ReadQuery, RecordData, RecordsApi, Tx, WriteOptions } from '../sdk/index.js';
import type { EraseInput } from './erase.js';
import type { Belongings, Mention } from './personal.js';
import type { ShareInput } from './shares.js';

/** The verbs that answer with the JSON text PostgreSQL built, for the socket. `{"data":…}` is complete in `body`. */
export interface RecordTexts {
  getText(
    ctx: Ctx,
    input: { entity: string; id: string; fields?: readonly string[] },
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
  asOfText(
    ctx: Ctx,
    input: { entity: string; id: string; asOf: Date; fields?: readonly string[] },
  ): Promise<{ body: string }>;
  /** The effective grants for this record: `{"data":{"read":{"allowed":true,"because":[…]},…}}`. */
  explainText(ctx: Ctx, input: { entity: string; id: string; userId: string }): Promise<{ body: string }>;
  listShares(ctx: Ctx, input: { entity: string; id: string }): Promise<RecordData[]>;
  share(ctx: Ctx, input: ShareInput): Promise<RecordData>;
  unshare(ctx: Ctx, input: { entity: string; id: string; share: string }): Promise<void>;
}

/** What privacy asks of rows; inside a transaction, as the system, whoever acts. */
export interface PersonalRecords {
  /** The records of these people and of what belongs to them, recycle bin included. */
  belongings(ctx: InTx, subject: { entity: string; ids: readonly string[] }): Promise<Belongings>;
  /** What identifies them in places that know no ids: addresses, numbers, names; as they stand and as they were. */
  terms(ctx: InTx, subject: { entity: string }, belongings: Belongings): Promise<string[]>;
  /** Living records that forbid the deletion of these by a link and do not go along. */
  holders(
    ctx: InTx,
    subject: { entity: string; ids: readonly string[] },
    belongings: Belongings,
  ): Promise<{ entity: string; field: string; count: number }[]>;
  /** Other records that hold one of the patterns (`ilike`) somewhere in their text. */
  mentions(ctx: InTx, patterns: readonly string[], belongings: Belongings): Promise<Mention[]>;
  /** When these records were made; those that are not there are left out. */
  madeAt(ctx: InTx, entity: string, ids: readonly string[]): Promise<{ id: string; at: Date }[]>;
  /** Takes personal data out for good; gives the contents of files that lost their attachment. */
  erase(ctx: InTx, input: EraseInput): Promise<{ count: number; hashes: string[] }>;
}

type InTx = Ctx & { readonly tx: Tx };

/** What answers questions about access itself. */
export interface AccessQuestions {
  /** What each user would gain and lose if the catalog `after` took the place of `before`. The caller asks whether one may know. */
  compareAccess(ctx: Ctx, pair: { readonly before: Catalog; readonly after: Catalog }): Promise<AccessPreview>;
  /** The same for a change of people, which is made inside of a transaction and taken back. Throws what the change throws. */
  comparePeople(ctx: Ctx, change: (inside: InTx) => Promise<void>): Promise<AccessPreview>;
}

/** What became of the records that a filter found. */
export interface BulkCounts {
  readonly matched: number;
  readonly changed: number;
  readonly refused: number;
}

/** Which records, and what becomes of them; `patch` null: deleted. */
export interface BulkWhere {
  readonly entity: string;
  readonly filter?: string;
  readonly q?: string;
  readonly patch: RecordData | null;
  /** Told in the transaction of the last piece how many there were, and, where it has several, in that of the first (null). */
  readonly note?: (tx: Tx, counts: BulkCounts | null) => Promise<void>;
}

export interface Records extends RecordsApi, RecordTexts, AccessQuestions {
  readonly personal: PersonalRecords;
  bulkWhere(ctx: Ctx, input: BulkWhere): Promise<BulkCounts>;
}

/** Nest injection token of `Records`. */
export const RECORDS = Symbol('RECORDS');
