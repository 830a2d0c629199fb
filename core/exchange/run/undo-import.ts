import { isTrellisError } from '../../base/errors.js';
import type { Catalog } from '../../catalog/index.js';
import type { Ctx, RecordData } from '../../sdk/index.js';
import type { ExchangeDeps } from '../deps.js';
import { importEntity } from '../import-env.js';
import { referenced } from '../links/references.js';
import type { ImportRecord } from '../store.js';
import { announce, lockImport } from '../store.js';
import { actingFor, fail } from './run-import.js';
import type { TxCtx } from './transaction.js';

const ROWS = 1000;

interface Trace {
  readonly row: string;
  readonly action: 'created' | 'updated';
  readonly record_id: string;
  readonly version: number;
  readonly previous: RecordData | null;
}

/** Why a record is left as it is → how many. */
type Kept = Record<string, number>;

/**
 * Takes an import back, last row first: records that it made are purged, changed ones get their values back, both only
 * where nobody has touched them since. What is kept is counted by reason: `changed`, `deleted`, `referenced`.
 */
export async function undoImport(deps: ExchangeDeps, jobCtx: Ctx, importId: string): Promise<void> {
  const [record] = await deps.db.query<ImportRecord>({
    text: 'select * from trellis.import where id = $1::uuid',
    values: [importId],
  });
  if (!record || record.status !== 'undoing') return;
  try {
    const ctx = await actingFor(deps, jobCtx, record);
    importEntity(deps, ctx, deps.catalog.current, record.entity);
    while (!jobCtx.signal.aborted && (await undoChunk(deps, ctx, record)));
  } catch (error) {
    if (!isTrellisError(error) || error.kind === 'broken' || error.code.startsWith('database.')) throw error;
    await fail(deps, record, { code: error.code, message: error.message });
  }
}

/** True while there may be more. */
async function undoChunk(deps: ExchangeDeps, ctx: Ctx, record: ImportRecord): Promise<boolean> {
  return deps.records.transaction(ctx.asSystem('undo of an import'), async (tx) => {
    const locked = await lockImport(tx.tx, record.id);
    if (!locked || locked.status !== 'undoing') return false;
    const traces = await tx.tx.query<Trace>(
      `select row, action, record_id, version, previous from trellis.import_row where import_id = $1::uuid and action in ('created', 'updated') order by import_row.row desc limit ${ROWS}`,
      [record.id],
    );
    if (traces.length === 0) {
      const [row] = await tx.tx.query<ImportRecord>(
        `update trellis.import set status = 'undone', finished_at = $2 where id = $1::uuid returning *`,
        [record.id, tx.now()],
      );
      await announce(tx.tx, row);
      return false;
    }
    const kept = await takeBack(deps, tx, deps.catalog.current, record, traces);
    await tx.tx.query(
      `delete from trellis.import_row where import_id = $1::uuid and import_row.row in (select unnest($2::bigint[]))`,
      [record.id, traces.map((trace) => trace.row)],
    );
    const all = { ...locked.kept };
    for (const [reason, count] of Object.entries(kept)) all[reason] = (all[reason] ?? 0) + count;
    const [row] = await tx.tx.query<ImportRecord>(
      'update trellis.import set kept = $2::jsonb where id = $1::uuid returning *',
      [record.id, JSON.stringify(all)],
    );
    await announce(tx.tx, row);
    return true;
  });
}

async function takeBack(
  deps: ExchangeDeps,
  ctx: TxCtx,
  catalog: Catalog,
  record: ImportRecord,
  traces: readonly Trace[],
): Promise<Kept> {
  const records = await versions(
    deps,
    ctx,
    catalog,
    record.entity,
    traces.map((trace) => trace.record_id),
  );
  const kept: Kept = {};
  const keep = (reason: string, count = 1) => void (kept[reason] = (kept[reason] ?? 0) + count);
  const isUntouched = (trace: Trace): boolean => {
    const found = records.get(trace.record_id);
    if (!found) return false; // Purged already: nothing to take back, nothing kept.
    if (found.deleted) keep('deleted');
    else if (found.version !== Number(trace.version)) keep('changed');
    else return true;
    return false;
  };
  const untouched = traces.filter(isUntouched);
  await revert(
    deps,
    ctx,
    record,
    untouched.filter((trace) => trace.action === 'updated'),
    keep,
  );

  const made = untouched.filter((trace) => trace.action === 'created').map((trace) => trace.record_id);
  const held = await referenced(ctx, catalog, { importId: record.id, entity: record.entity, ids: made });
  if (held.size > 0) keep('referenced', held.size);
  const going = made.filter((id) => !held.has(id));
  if (going.length === 0) return kept;
  const deleted = await deps.records.bulk(ctx, {
    entity: record.entity,
    mode: 'delete',
    key: 'id',
    rows: going.map((id) => ({ id })),
    atomic: false,
  });
  const gone = deleted.flatMap((result) => (result.status === 'deleted' ? [result.id] : []));
  if (gone.length < going.length) keep('referenced', going.length - gone.length);
  await deps.records.purgeMany(ctx, { entity: record.entity, ids: gone });
  await reopenReferences(ctx, gone);
  return kept;
}

/** Version and place of records, locked; hidden ones too, since the context is the system's. */
async function versions(
  deps: ExchangeDeps,
  ctx: TxCtx,
  catalog: Catalog,
  entity: string,
  ids: readonly string[],
): Promise<Map<string, { version: number; deleted: boolean }>> {
  const { table } = deps.access.read(ctx, catalog, entity).entity;
  const rows = await ctx.tx.query<{ id: string; version: number | string; deleted: boolean }>(
    `select t.id, t.version, t.deleted_at is not null as deleted from ${table} t where t.id in (select unnest($1::uuid[])) order by t.id for update`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, { version: Number(row.version), deleted: row.deleted }]));
}

/** Gives changed records their values back. An earlier import that made or changed them may then be undone too. */
async function revert(
  deps: ExchangeDeps,
  ctx: TxCtx,
  record: ImportRecord,
  traces: readonly Trace[],
  keep: (reason: string, count?: number) => void,
): Promise<void> {
  if (traces.length === 0) return;
  const results = await deps.records.bulk(ctx, {
    entity: record.entity,
    mode: 'update',
    key: 'id',
    rows: traces.map((trace) => ({ ...trace.previous, id: trace.record_id })),
    atomic: false,
  });
  const done = results
    .filter((result) => result.status !== 'refused')
    .map((result) => ({
      record: traces[result.row].record_id,
      old: Number(traces[result.row].version) - 1,
      now: Number(traces[result.row].version) + (result.status === 'updated' ? 1 : 0),
    }));
  if (done.length < traces.length) keep('changed', traces.length - done.length);
  await ctx.tx.query(
    `update trellis.import_row t set version = r.now from json_to_recordset($1::json) as r(record uuid, old integer, now integer) where t.record_id = r.record and t.version = r.old and t.import_id <> $2::uuid`,
    [JSON.stringify(done), record.id],
  );
}

/** References of other imports to purged records wait again; those of purged records are over. */
async function reopenReferences(ctx: TxCtx, ids: readonly string[]): Promise<void> {
  await ctx.tx.query('delete from trellis.import_pending_link where record_id in (select unnest($1::uuid[]))', [ids]);
  await ctx.tx.query(
    `with again as (update trellis.import_pending_link set resolved_at = null, target_id = null where target_id in (select unnest($1::uuid[])) returning import_id)
     update trellis.import i set pending = i.pending + a.n from (select import_id, count(*) as n from again group by 1) a where i.id = a.import_id`,
    [ids],
  );
}
