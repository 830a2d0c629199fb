import type { TxCtx } from '../run/transaction.js';
import type { PendingRef } from './resolve.js';

/** Keeps references whose target has not come yet. */
export async function keepPending(
  ctx: TxCtx,
  input: { importId: string; entity: string; refs: readonly PendingRef[]; records: ReadonlyMap<number, string> },
): Promise<void> {
  if (input.refs.length === 0) return;
  const rows = input.refs.map((ref) => ({
    record_id: input.records.get(ref.row),
    field: ref.field,
    match_by: ref.matchBy,
    value: ref.value,
  }));
  // The same file imported again says the same again; it waits once.
  await ctx.tx.query(
    `insert into trellis.import_pending_link (import_id, entity, record_id, field, match_by, value)
     select $1::uuid, $2, r.record_id, r.field, r.match_by, r.value
     from json_to_recordset($3::json) as r(record_id uuid, field text, match_by text, value text)
     where not exists (select 1 from trellis.import_pending_link p where p.record_id = r.record_id and p.field = r.field and p.value = r.value and p.resolved_at is null)`,
    [input.importId, input.entity, JSON.stringify(rows)],
  );
}
