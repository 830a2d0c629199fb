import { request, upload } from './client.js';

/** One column of the file and the field it fills. */
export interface ImportColumn {
  column: string;
  /** Field key, a member of an address (`billingAddress.street`), or null: the column is left out. */
  field: string | null;
  /** For a link: the field of the target by which it is found, e.g. `externalId`. */
  matchBy?: string;
  /** A few cells that are not empty; given, not read back. */
  samples?: string[];
  /** True while nobody has confirmed it. */
  guessed?: boolean;
}

export interface ImportOptions {
  mapping?: ImportColumn[];
  mode?: 'create' | 'update' | 'upsert';
  /** Field by which rows find their record. */
  key?: string;
  delimiter?: string;
  encoding?: string;
  region?: string;
  dateOrder?: 'dmy' | 'mdy' | 'ymd';
  decimalSeparator?: '.' | ',';
  onUnknownChoice?: 'refuse' | 'ignore';
  /** Who owns rows whose owner is unknown. */
  ownerId?: string;
}

/** What is wrong with a cell or row. A warning keeps the row and leaves the cell empty. */
export interface ImportProblem {
  row?: number;
  column?: string;
  field?: string;
  code: string;
  message: string;
  /** `value`: what stands in the cell; `title`: the field it is about. */
  params?: Record<string, unknown>;
  severity?: 'error' | 'warning';
}

export interface ImportPreviewRow {
  row: number;
  values: Record<string, unknown>;
  problems: ImportProblem[];
}

export type ImportStatus = 'ready' | 'running' | 'done' | 'cancelled' | 'failed' | 'undoing' | 'undone';

export interface ImportAnswer {
  id: string;
  entity: string;
  fileName: string;
  format: string;
  status: ImportStatus;
  mode: 'create' | 'update' | 'upsert';
  key: string;
  /** Data rows of the file, and how many of them are dealt with. */
  total: number;
  done: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  /** References whose target has not arrived yet. */
  pendingLinks: number;
  /** Code → how many cells were left empty for it. */
  warnings: Record<string, number>;
  /** After an undo: why records were kept → how many. */
  kept: Record<string, number>;
  error: { code: string; message: string } | null;
  columns: string[];
  mapping: ImportColumn[];
  preview: ImportPreviewRow[];
  problems: ImportProblem[];
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

/** Uploads a file; the answer holds the guessed mapping and a preview, nothing is written yet. */
export async function createImport(
  file: File,
  entity: string,
  options: ImportOptions = {},
  onProgress?: (share: number) => void,
): Promise<ImportAnswer> {
  const body = new FormData();
  body.set('entity', entity);
  body.set('options', JSON.stringify(options));
  body.set('file', file, file.name);
  return (await upload<{ data: ImportAnswer }>('/api/imports', body, { onProgress })).data;
}

/** Past imports, newest first. */
export async function listImports(signal?: AbortSignal): Promise<ImportAnswer[]> {
  return (await request<{ data: ImportAnswer[] }>('/api/imports', { signal })).data;
}

export async function getImport(id: string, signal?: AbortSignal): Promise<ImportAnswer> {
  return (await request<{ data: ImportAnswer }>(pathOf(id), { signal })).data;
}

/** Changes mapping and options before the start; answers with a new preview. */
export async function changeImport(
  id: string,
  input: { mapping?: ImportColumn[]; options?: ImportOptions },
  signal?: AbortSignal,
): Promise<ImportAnswer> {
  return (
    await request<{ data: ImportAnswer }>(pathOf(id), {
      method: 'PATCH',
      body: { ...input, mapping: input.mapping?.map(sent) },
      signal,
    })
  ).data;
}

export async function startImport(
  id: string,
  input: { mapping?: ImportColumn[]; options?: ImportOptions } = {},
): Promise<ImportAnswer> {
  return (
    await request<{ data: ImportAnswer }>(`${pathOf(id)}/start`, {
      method: 'POST',
      body: { ...input, mapping: input.mapping?.map(sent) },
    })
  ).data;
}

export async function actOnImport(id: string, verb: 'cancel' | 'resume' | 'undo'): Promise<ImportAnswer> {
  return (await request<{ data: ImportAnswer }>(`${pathOf(id)}/${verb}`, { method: 'POST' })).data;
}

/** Address of the refused rows with their reasons, as CSV. */
export function refusedUrl(id: string, locale: string): string {
  return `${pathOf(id)}/refused?locale=${encodeURIComponent(locale)}`;
}

/** What the server reads of a column: samples and guesses stay here. */
function sent({ column, field, matchBy }: ImportColumn): ImportColumn {
  return matchBy === undefined ? { column, field } : { column, field, matchBy };
}

function pathOf(id: string): string {
  return `/api/imports/${encodeURIComponent(id)}`;
}
