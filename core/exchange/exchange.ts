import { conflict } from '../base/errors.js';
import type { Ctx } from '../sdk/index.js';
import { createImport, remapImport } from './create-import.js';
import type { ExchangeDeps } from './deps.js';
import { exportRecords } from './export/export-records.js';
import { importEntity, planOf } from './import-env.js';
import { refusedCsv } from './refused-rows.js';
import { runImport } from './run/run-import.js';
import { undoImport } from './run/undo-import.js';
import { resolveWaiting } from './links/resolve-waiting.js';
import type { ImportRecord } from './store.js';
import { announce, findImport, reaches, toState, userOf } from './store.js';
import type { Exchange, ImportProblem, ImportState, ImportStatus } from './types.js';
import { sweepUploads } from './upload-store.js';

const RUN = 'core.run-import';
const UNDO = 'core.undo-import';
const RESOLVE = 'core.resolve-links';
const SWEEP = 'core.sweep-imports';
/** Uploads are kept this long after the import ended. */
const KEEP_DAYS = 30;

/** Import and export, bound to one workspace. Defines its jobs; they run once the queue is started. */
export function createExchange(deps: ExchangeDeps): Exchange {
  const { db } = deps;
  deps.jobs.define({ name: RUN, concurrency: 2, run: (ctx, payload) => runImport(deps, ctx, idOf(payload)) });
  deps.jobs.define({ name: UNDO, concurrency: 1, run: (ctx, payload) => undoImport(deps, ctx, idOf(payload)) });
  deps.jobs.define({ name: RESOLVE, schedule: '*/10 * * * *', run: (ctx) => resolveWaiting(deps, ctx) });
  deps.jobs.define({ name: SWEEP, schedule: '17 3 * * *', run: (ctx) => sweep(deps, ctx) });

  /** Changes the status, enqueues the work, and tells of it, in one transaction. Throws import.wrong_status. */
  const turn = async (
    ctx: Ctx,
    record: ImportRecord,
    from: readonly ImportStatus[],
    to: ImportStatus,
    set: string,
    job: string | null,
  ): Promise<ImportState> =>
    db.transaction(async (tx) => {
      const [row] = await tx.query<ImportRecord>(
        `update trellis.import set status = $2, ${set} where id = $1::uuid and status in (select unnest($3::text[])) returning *`,
        [record.id, to, [...from]],
      );
      if (!row)
        throw conflict('import.wrong_status', `The import is ${record.status}; this needs ${from.join(' or ')}.`, {
          params: { status: record.status },
        });
      if (job !== null) await deps.jobs.enqueue(ctx.withTx(tx), job, { importId: record.id });
      await announce(tx, row);
      return toState(row);
    });

  return {
    createImport: (ctx, input) => createImport(deps, ctx, input),
    async listImports(ctx) {
      const rows = await db.query<ImportRecord>({
        text: 'select * from trellis.import where actor = $1::uuid order by created_at desc limit 50',
        values: [userOf(ctx)],
      });
      return rows.filter((row) => reaches(ctx, row.entity)).map((row) => ({ ...toState(row, []), preview: [] }));
    },
    async getImport(ctx, id) {
      const record = await findImport(db, ctx, id);
      return record.status === 'ready' ? toState(record) : toState(record, await findings(deps, record));
    },
    async remapImport(ctx, id, input) {
      const record = await findImport(db, ctx, id, 'write');
      if (record.status !== 'ready')
        throw conflict(
          'import.wrong_status',
          `The import is ${record.status}; only one that is ready can be mapped again.`,
          { params: { status: record.status } },
        );
      return toState(await remapImport(deps, ctx, record, input));
    },
    async startImport(ctx, id, input) {
      let record = await findImport(db, ctx, id, 'write');
      if (record.status === 'ready' && (input.mapping || input.options))
        record = await remapImport(deps, ctx, record, input);
      planOf(
        ctx,
        importEntity(deps, ctx, deps.catalog.current, record.entity),
        record.columns,
        record.mapping,
        record.options,
      );
      return turn(ctx, record, ['ready'], 'running', 'started_at = now(), error = null', RUN);
    },
    async cancelImport(ctx, id) {
      return turn(
        ctx,
        await findImport(db, ctx, id, 'write'),
        ['ready', 'running'],
        'cancelled',
        'finished_at = now()',
        null,
      );
    },
    async resumeImport(ctx, id) {
      return turn(
        ctx,
        await findImport(db, ctx, id, 'write'),
        ['cancelled', 'failed'],
        'running',
        'error = null, finished_at = null, started_at = coalesce(started_at, now())',
        RUN,
      );
    },
    async undoImport(ctx, id) {
      const record = await findImport(db, ctx, id, 'write');
      importEntity(deps, ctx, deps.catalog.current, record.entity);
      return turn(
        ctx,
        record,
        ['done', 'cancelled', 'failed'],
        'undoing',
        `kept = '{}', error = null, finished_at = null`,
        UNDO,
      );
    },
    async refusedRows(ctx, id, locale = ctx.locale) {
      return refusedCsv(db, await findImport(db, ctx, id), { catalog: deps.catalog.current, locale });
    },
    exportRecords: (ctx, input) => exportRecords(deps, ctx, input),
  };
}

/** What was found while running: refusals and emptied cells, the first two hundred. */
async function findings(deps: ExchangeDeps, record: ImportRecord): Promise<ImportProblem[]> {
  const rows = await deps.db.query<{ reasons: ImportProblem[] }>({
    text: 'select reasons from trellis.import_row where import_id = $1::uuid and reasons is not null order by import_row.row limit 200',
    values: [record.id],
  });
  return rows.flatMap((row) => row.reasons);
}

async function sweep(deps: ExchangeDeps, ctx: Ctx): Promise<void> {
  const rows = await deps.db.query<{ file_hash: string }>({
    text: `select distinct file_hash from trellis.import where status in ('ready', 'running', 'undoing') and created_at > now() - interval '90 days' or finished_at > now() - make_interval(days => $1::integer)`,
    values: [KEEP_DAYS],
  });
  const removed = await sweepUploads(deps.dataDir, new Set(rows.map((row) => row.file_hash)), ctx.now().getTime());
  if (removed > 0) ctx.log.info({ removed }, 'old uploads removed');
}

function idOf(payload: unknown): string {
  return (payload as { importId: string }).importId;
}
