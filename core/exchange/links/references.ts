import type { Catalog } from '../../catalog/index.js';
import { joinTable, literal, quote } from '../../query/index.js';
import type { FieldModel } from '../../schema/index.js';
import type { TxCtx } from '../run/transaction.js';

/**
 * Which of these records others refer to by their own doing: not counted are records that the same import made, and
 * links that were set because a waiting reference was resolved. Looked at as the system: an undo must not break what
 * its user cannot see.
 */
export async function referenced(
  ctx: TxCtx,
  catalog: Catalog,
  input: { importId: string; entity: string; ids: readonly string[] },
): Promise<Set<string>> {
  const found = new Set<string>();
  if (input.ids.length === 0) return found;
  for (const entity of catalog.schema.entities.values()) {
    for (const field of entity.fields.values()) {
      if (!field.kind.relation || field.system || !(field.to.includes(input.entity) || field.to.includes('*')))
        continue;
      const { from, referrer, target, extra } = place(field, entity.table, input.entity);
      const rows = await ctx.tx.query<{ id: string }>(
        `select distinct ${target} as id from ${from} where ${target} in (select unnest($1::uuid[]))${extra}
         and not exists (select 1 from trellis.import_row r where r.import_id = $2::uuid and r.record_id = ${referrer} and r.action = 'created')
         and not exists (select 1 from trellis.import_pending_link p where p.record_id = ${referrer} and p.field = $3 and p.target_id = ${target})`,
        [input.ids, input.importId, field.key],
      );
      for (const row of rows) found.add(row.id);
    }
  }
  return found;
}

function place(
  field: FieldModel,
  table: string,
  target: string,
): { from: string; referrer: string; target: string; extra: string } {
  if (field.kind.relation === 'many') {
    return {
      from: `${joinTable(field)} j join ${table} t on t.id = j.source_id`,
      referrer: 't.id',
      target: 'j.target_id',
      extra: ' and t.deleted_at is null',
    };
  }
  const columns = field.kind.columns(field);
  const isAny = field.kind.relation === 'any';
  const extra = isAny ? ` and t.${quote(columns[0].name)} = ${literal(target)}` : '';
  return {
    from: `${table} t`,
    referrer: 't.id',
    target: `t.${quote(columns[columns.length - 1].name)}`,
    extra: `${extra} and t.deleted_at is null`,
  };
}
