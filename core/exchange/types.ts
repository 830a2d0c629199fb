import type { Readable } from 'node:stream';
import type { Ctx, ReadQuery } from '../sdk/index.js';

/** Nest injection token of `Exchange`. */
export const EXCHANGE = Symbol('EXCHANGE');

/** One column of the file and the field it fills. */
export interface ColumnMapping {
  readonly column: string;
  /** Field key, a member of an address (`billingAddress.street`), or null: the column is left out. */
  readonly field: string | null;
  /** For links: the field of the target that the cells name: `id`, `externalId`, the title field, or another unique one. */
  readonly matchBy?: string;
  /** A few cells that are not empty; given, not read back. */
  readonly samples?: readonly string[];
  /** True while nobody has confirmed it; unknown choices are then left empty with a warning. */
  readonly guessed?: boolean;
}

export type ImportMode = 'create' | 'update' | 'upsert';

export interface ImportOptions {
  readonly mapping?: readonly ColumnMapping[];
  /** Absent: upsert where a key is mapped and given, else create. */
  readonly mode?: ImportMode;
  /** Field by which rows find their record on update and upsert: `id`, `externalId` or a unique field. */
  readonly key?: string;
  readonly delimiter?: string;
  readonly encoding?: string;
  /** Default region of phone numbers, ISO 3166-1 alpha-2; absent: the workspace's. */
  readonly region?: string;
  readonly dateOrder?: 'dmy' | 'mdy' | 'ymd';
  readonly decimalSeparator?: '.' | ',';
  /** IANA zone of date-times without an offset; absent: the user's. */
  readonly zone?: string;
  /** Who owns rows whose owner is unknown; absent: the importing user. */
  readonly ownerId?: string;
  /** What becomes of a cell that names no option of its choice field; absent: `ignore` (left empty, with a warning; a required field refuses the row). */
  readonly onUnknownChoice?: 'refuse' | 'ignore';
}

/** What is wrong with a cell or row. `warning` keeps the row and leaves the cell empty. */
export interface ImportProblem {
  readonly row?: number;
  readonly column?: string;
  readonly field?: string;
  readonly code: string;
  readonly message: string;
  /** For words in other languages: `value` is what stands in the cell (shortened), `title` the field it is about. */
  readonly params?: Readonly<Record<string, string>>;
  readonly severity: 'error' | 'warning';
}

export interface PreviewRow {
  readonly row: number;
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly ImportProblem[];
}

export type ImportStatus = 'ready' | 'running' | 'done' | 'cancelled' | 'failed' | 'undoing' | 'undone';

/** An import as the API shows it. */
export interface ImportState {
  readonly id: string;
  readonly entity: string;
  readonly fileName: string;
  readonly format: string;
  readonly status: ImportStatus;
  readonly mode: ImportMode;
  readonly key: string;
  /** Data rows of the file. */
  readonly total: number;
  /** Rows dealt with. */
  readonly done: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  /** References whose target has not arrived yet. */
  readonly pendingLinks: number;
  /** Code → how many cells were left empty for it. */
  readonly warnings: Readonly<Record<string, number>>;
  /** After an undo: why records were kept → how many. */
  readonly kept: Readonly<Record<string, number>>;
  readonly error: { code: string; message: string } | null;
  readonly columns: readonly string[];
  readonly mapping: readonly ColumnMapping[];
  readonly preview: readonly PreviewRow[];
  readonly problems: readonly ImportProblem[];
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export type ExportFormat = 'csv' | 'ndjson' | 'xlsx';

export interface ExportInput {
  readonly entity: string;
  readonly format: ExportFormat;
  /** Filter, search, sort and fields as in a list; limit and cursor are not used. */
  readonly query: Omit<ReadQuery, 'entity' | 'limit' | 'after' | 'count'>;
}

export interface ExportStream {
  /** MIME type with charset. */
  readonly mediaType: string;
  readonly fileName: string;
  readonly body: Readable;
}

/** Import and export. Every verb checks the actor of its ctx; an import exists only for who made it. */
export interface Exchange {
  /**
   * Reads an uploaded file once: columns, total, guessed mapping, preview. The file at `file` is moved into the store.
   * Throws import.empty, import.unreadable, access.denied without the import permission.
   */
  createImport(
    ctx: Ctx,
    input: { file: string; fileName: string; entity: string; options?: ImportOptions },
  ): Promise<ImportState>;
  /** Newest first, at most 50. */
  listImports(ctx: Ctx): Promise<ImportState[]>;
  /** Throws import.not_found. */
  getImport(ctx: Ctx, id: string): Promise<ImportState>;
  /** The preview again under another mapping or options; keeps them. Only while `ready`. */
  remapImport(
    ctx: Ctx,
    id: string,
    input: { mapping?: readonly ColumnMapping[]; options?: ImportOptions },
  ): Promise<ImportState>;
  /** Only while `ready`; throws import.wrong_status. */
  startImport(
    ctx: Ctx,
    id: string,
    input: { mapping?: readonly ColumnMapping[]; options?: ImportOptions },
  ): Promise<ImportState>;
  /** Stops after the chunk that is being written. */
  cancelImport(ctx: Ctx, id: string): Promise<ImportState>;
  /** Goes on behind the last row dealt with; after `cancelled` or `failed`. */
  resumeImport(ctx: Ctx, id: string): Promise<ImportState>;
  /** Takes back what nobody has touched since; after `done`, `cancelled` or `failed`. */
  undoImport(ctx: Ctx, id: string): Promise<ImportState>;
  /** CSV of the refused rows: the original columns, then `row` and `reasons` in a language (absent: that of the actor). */
  refusedRows(ctx: Ctx, id: string, locale?: string): Promise<ExportStream>;
  /** Throws access.denied without the export permission, export.too_many_rows for xlsx past 50,000 rows. */
  exportRecords(ctx: Ctx, input: ExportInput): Promise<ExportStream>;
  /** Removes kept uploads in which one of the terms stands; returns how many. Throws privacy.busy while one is being imported (not where nobody works here: `isAlone`). */
  forgetUploads(terms: readonly string[], options?: { readonly isAlone?: boolean }): Promise<number>;
}
