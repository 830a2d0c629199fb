import { denied, missing } from '../base/errors.js';
import { writeOutbox } from '../jobs/index.js';
import type { Ctx, Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { modeOf } from './import-options.js';
import type { ColumnMapping, ImportOptions, ImportProblem, ImportState, ImportStatus, PreviewRow } from './types.js';

/** A row of trellis.import. Counters come as text from int8. */
export interface ImportRecord {
  readonly id: string;
  readonly entity: string;
  readonly file_name: string;
  readonly file_hash: string;
  readonly format: string;
  readonly options: ImportOptions;
  readonly columns: string[];
  readonly mapping: ColumnMapping[];
  readonly preview: PreviewRow[];
  readonly problems: ImportProblem[];
  readonly status: ImportStatus;
  readonly total: string;
  readonly position: string;
  readonly done: string;
  readonly created: string;
  readonly updated: string;
  readonly unchanged: string;
  readonly refused: string;
  readonly pending: string;
  readonly warnings: Record<string, number>;
  readonly kept: Record<string, number>;
  readonly error: { code: string; message: string } | null;
  readonly actor: string;
  readonly scopes: string[] | null;
  readonly created_at: Date | string;
  readonly started_at: Date | string | null;
  readonly finished_at: Date | string | null;
  readonly progress_at: Date | string | null;
}

/** The user on whose behalf the context acts; imports belong to it. */
export function userOf(ctx: Ctx): string {
  const id = ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.onBehalfOf;
  return id ?? '00000000-0000-0000-0000-000000000000';
}

/** True where the scopes of an API key reach the entity; whoever acts by no key, or a whole one, reaches all. */
export function reaches(ctx: Ctx, entity: string, verb: 'read' | 'write' = 'read'): boolean {
  if (ctx.actor.kind === 'system' || ctx.actor.scopes === null) return true;
  const { scopes } = ctx.actor;
  const verbs = verb === 'read' ? ['read', 'write'] : ['write'];
  return verbs.some((each) => scopes.includes(each) || scopes.includes(`${entity}:${each}`));
}

/**
 * Throws import.not_found, also for an import of somebody else or out of reach of the API key; auth.scope where the key may
 * look at it only and `verb` is more than that.
 */
export async function findImport(
  db: Database,
  ctx: Ctx,
  id: string,
  verb: 'read' | 'write' = 'read',
): Promise<ImportRecord> {
  const rows = /^[0-9a-f-]{36}$/i.test(id)
    ? await db.query<ImportRecord>({ text: 'select * from trellis.import where id = $1::uuid', values: [id] })
    : [];
  const found = rows[0];
  if (!found || (ctx.actor.kind === 'user' && found.actor !== ctx.actor.userId) || !reaches(ctx, found.entity))
    throw missing('import.not_found', 'There is no such import.', { params: { id } });
  if (!reaches(ctx, found.entity, verb))
    throw denied('auth.scope', 'The scopes of this API key do not allow it.', { hint: 'It needs the scope write.' });
  return found;
}

/** Locks the import until the transaction ends, so that two workers cannot write the same rows. Null where it is gone. */
export async function lockImport(tx: Tx, id: string): Promise<ImportRecord | null> {
  const rows = await tx.query<ImportRecord>('select * from trellis.import where id = $1::uuid for update', [id]);
  return rows[0] ?? null;
}

/** An import as the API shows it. */
export function toState(row: ImportRecord, problems: readonly ImportProblem[] = row.problems): ImportState {
  return {
    id: row.id,
    entity: row.entity,
    fileName: row.file_name,
    format: row.format,
    status: row.status,
    ...modeOf(row.options, row.mapping),
    total: Number(row.total),
    done: Number(row.done),
    created: Number(row.created),
    updated: Number(row.updated),
    unchanged: Number(row.unchanged),
    refused: Number(row.refused),
    pendingLinks: Number(row.pending),
    warnings: row.warnings,
    kept: row.kept,
    error: row.error,
    columns: row.columns,
    mapping: row.mapping,
    preview: row.preview,
    problems,
    createdAt: instant(row.created_at) as string,
    startedAt: instant(row.started_at),
    finishedAt: instant(row.finished_at),
  };
}

/** Progress for `/api/events`; in the transaction of what it reports. */
export async function announce(tx: Tx, row: ImportRecord): Promise<void> {
  const { id, entity, status, total, done, created, updated, unchanged, refused } = toState(row);
  await writeOutbox(tx, [
    {
      topic: 'import.progress',
      payload: {
        id,
        importId: id,
        userId: row.actor,
        entity,
        status,
        total,
        done,
        created,
        updated,
        unchanged,
        refused,
      },
    },
  ]);
}

function instant(value: Date | string | null): string | null {
  return value === null ? null : new Date(value).toISOString();
}
