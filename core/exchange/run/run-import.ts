import { denied, isTrellisError } from '../../base/errors.js';
import type { Ctx } from '../../sdk/index.js';
import type { ConvertedRow } from '../convert/row.js';
import { convertRow } from '../convert/row.js';
import type { ExchangeDeps } from '../deps.js';
import type { ImportEntity } from '../import-env.js';
import { importEntity, planOf } from '../import-env.js';
import type { SourceRow } from '../read/cell.js';
import { openSource } from '../read/open-source.js';
import { announce, lockImport } from '../store.js';
import type { ImportRecord } from '../store.js';
import { uploadPath } from '../upload-store.js';
import type { TxCtx } from './transaction.js';
import type { ChunkOutcome } from './write-chunk.js';
import { keepTraces, refusal, writeChunk } from './write-chunk.js';

/** A chunk holds the exclusive place of no catalog change for longer than about this. */
const TARGET_MS = 400;
const ROWS_AT_FIRST = 500;
const ROWS_AT_LEAST = 100;
const ROWS_AT_MOST = 500;
const ANNOUNCE_EVERY_MS = 500;

interface Run {
  readonly deps: ExchangeDeps;
  readonly ctx: Ctx;
  readonly record: ImportRecord;
  readonly entity: ImportEntity;
  readonly mode: 'create' | 'update' | 'upsert';
  readonly key: string;
}

/** Cancelled meanwhile, or another worker has gone on. */
const STOP = Symbol('stop');

/**
 * Runs an import from behind the last row dealt with. Each chunk is one transaction that writes its rows, their traces
 * and the position together, so that a crash leaves it before or after. A refusal of the import as a whole ends it as
 * `failed`; faults of the database are thrown, so that the queue tries again.
 */
export async function runImport(deps: ExchangeDeps, jobCtx: Ctx, importId: string): Promise<void> {
  const [record] = await deps.db.query<ImportRecord>({
    text: 'select * from trellis.import where id = $1::uuid',
    values: [importId],
  });
  if (!record || record.status !== 'running') return;
  try {
    const run = await prepare(deps, jobCtx, record);
    if ((await writeAll(run, jobCtx.signal)) !== STOP) await finish(deps, run.ctx, record.id);
  } catch (error) {
    if (!isTrellisError(error) || error.kind === 'broken' || error.code.startsWith('database.')) throw error;
    await fail(deps, record, { code: error.code, message: error.message });
  }
}

/** The context of who started the import, with the rights it has now. Throws auth.required, access.denied. */
export async function actingFor(deps: ExchangeDeps, jobCtx: Ctx, record: ImportRecord): Promise<Ctx> {
  const actor = await deps.actors.load(record.actor, null, record.scopes);
  if (!actor) throw denied('auth.required', 'The user who started this import is not active any more.');
  return deps.contexts.forActor(actor, { signal: jobCtx.signal, requestId: jobCtx.requestId });
}

async function prepare(
  deps: ExchangeDeps,
  jobCtx: Ctx,
  record: ImportRecord,
): Promise<Run & { plan: ReturnType<typeof planOf> }> {
  const ctx = await actingFor(deps, jobCtx, record);
  const entity = importEntity(deps, ctx, deps.catalog.current, record.entity);
  const plan = planOf(ctx, entity, record.columns, record.mapping, record.options);
  return { deps, ctx, record, entity, plan, mode: plan.mode, key: plan.key };
}

async function writeAll(
  run: Run & { plan: ReturnType<typeof planOf> },
  signal: AbortSignal,
): Promise<typeof STOP | void> {
  const { record } = run;
  const source = await openSource(uploadPath(run.deps.dataDir, record.file_hash), record.file_name, record.options);
  let position = Number(record.position);
  let size = ROWS_AT_FIRST;
  let waiting: SourceRow[] = [];
  let writing: Promise<typeof STOP | void> = Promise.resolve();
  /** Hands a chunk over; while the database works on it, the next one is read and converted. */
  const flush = async (): Promise<boolean> => {
    const rows = waiting.map((row) => convertRow(run.plan, row));
    waiting = [];
    if ((await writing) === STOP || signal.aborted) return false;
    const startedAt = performance.now();
    writing = write(run, rows, position).then((outcome) => {
      const ratio = TARGET_MS / Math.max(1, performance.now() - startedAt);
      size = Math.round(Math.min(ROWS_AT_MOST, Math.max(ROWS_AT_LEAST, size * Math.min(2, ratio))));
      return outcome;
    });
    // Reading goes on before the outcome is looked at.
    writing.catch(() => undefined);
    position = rows[rows.length - 1].number;
    return true;
  };
  for await (const batch of source.rows()) {
    for (const row of batch) {
      if (row.number <= position) continue;
      waiting.push(row);
      if (waiting.length >= size && !(await flush())) return STOP;
    }
  }
  if (waiting.length > 0 && !(await flush())) return STOP;
  return writing;
}

/** Writes rows; where they are refused as a whole (a hook throws), halves them until the one row is found. */
async function write(run: Run, rows: readonly ConvertedRow[], position: number): Promise<typeof STOP | void> {
  try {
    return await chunk(run, rows, position, (ctx) =>
      writeChunk(run.deps, ctx, run.deps.catalog.current, {
        importId: run.record.id,
        entity: run.entity,
        mode: run.mode,
        key: run.key,
        fallbackOwner: run.record.options.ownerId ?? run.record.actor,
        rows,
      }),
    );
  } catch (error) {
    if (!isTrellisError(error) || error.kind === 'broken' || error.kind === 'limited' || error.code.startsWith('auth.'))
      throw error;
    if (rows.length === 1) {
      const reason = { row: rows[0].number, code: error.code, message: error.message, severity: 'error' as const };
      return chunk(run, rows, position, async (ctx) => {
        await keepTraces(ctx, run.record.id, [refusal(rows[0], [reason])]);
        return { created: 0, updated: 0, unchanged: 0, refused: 1, pending: 0, warnings: {} };
      });
    }
    const middle = Math.ceil(rows.length / 2);
    if ((await write(run, rows.slice(0, middle), position)) === STOP) return STOP;
    return write(run, rows.slice(middle), rows[middle - 1].number);
  }
}

async function chunk(
  run: Run,
  rows: readonly ConvertedRow[],
  position: number,
  work: (ctx: TxCtx) => Promise<ChunkOutcome>,
): Promise<typeof STOP | void> {
  return run.deps.records.transaction(run.ctx, async (ctx) => {
    const locked = await lockImport(ctx.tx, run.record.id);
    if (!locked || locked.status !== 'running' || Number(locked.position) !== position) return STOP;
    await advance(ctx, locked, rows, await work(ctx));
  });
}

async function advance(
  ctx: TxCtx,
  before: ImportRecord,
  rows: readonly ConvertedRow[],
  outcome: ChunkOutcome,
): Promise<void> {
  const warnings = { ...before.warnings };
  for (const [code, count] of Object.entries(outcome.warnings)) warnings[code] = (warnings[code] ?? 0) + count;
  const isDue =
    before.progress_at === null || ctx.now().getTime() - new Date(before.progress_at).getTime() >= ANNOUNCE_EVERY_MS;
  const [after] = await ctx.tx.query<ImportRecord>(
    `update trellis.import set position = $2, done = done + $3, created = created + $4, updated = updated + $5, unchanged = unchanged + $6, refused = refused + $7,
       pending = (select count(*) from trellis.import_pending_link p where p.import_id = $1::uuid and p.resolved_at is null), warnings = $8::jsonb, progress_at = case when $9::boolean then $10::timestamptz else progress_at end
     where id = $1::uuid returning *`,
    [
      before.id,
      rows[rows.length - 1].number,
      rows.length,
      outcome.created,
      outcome.updated,
      outcome.unchanged,
      outcome.refused,
      JSON.stringify(warnings),
      isDue,
      ctx.now(),
    ],
  );
  if (isDue) await announce(ctx.tx, after);
}

async function finish(deps: ExchangeDeps, ctx: Ctx, id: string): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const [row] = await tx.query<ImportRecord>(
      `update trellis.import set status = 'done', finished_at = $2 where id = $1::uuid and status = 'running' returning *`,
      [id, ctx.now()],
    );
    if (row) await announce(tx, row);
  });
}

/** Ends an import as failed, with the reason. */
export async function fail(
  deps: ExchangeDeps,
  record: ImportRecord,
  error: { code: string; message: string },
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const [row] = await tx.query<ImportRecord>(
      `update trellis.import set status = 'failed', error = $2::jsonb, finished_at = now() where id = $1::uuid and status in ('running', 'undoing') returning *`,
      [record.id, JSON.stringify(error)],
    );
    if (row) await announce(tx, row);
  });
}
