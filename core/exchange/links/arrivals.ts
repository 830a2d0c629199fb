import type { Catalog } from '../../catalog/index.js';
import type { EntityModel, FieldModel } from '../../schema/index.js';
import type { Json, RecordData } from '../../sdk/index.js';
import type { ExchangeDeps } from '../deps.js';
import { standing } from '../run/existing.js';
import type { TxCtx } from '../run/transaction.js';
import { targetsOfLink } from './lookup.js';

/** A record that has come, by which waiting references may be resolved. */
export interface Arrival {
  readonly id: string;
  readonly values: RecordData;
}

interface Waiting {
  readonly id: string;
  readonly import_id: string;
  readonly entity: string;
  readonly record_id: string;
  readonly field: string;
  readonly target_id: string;
}

/**
 * Sets the links that waited for these records, as the system: whoever imported the pointing record may set its links,
 * though the present actor may not see it. A link that somebody has filled meanwhile is left alone. Returns how many were set.
 */
export async function arrivals(
  deps: ExchangeDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: { entity: EntityModel; records: readonly Arrival[] },
): Promise<number> {
  const waiting = await waitingFor(ctx, input);
  const groups = new Map<string, Waiting[]>();
  for (const one of waiting) {
    const field = catalog.schema.entities.get(one.entity)?.fields.get(one.field);
    if (!field || field.retired || !targetsOfLink(catalog, field).includes(input.entity.id)) continue;
    const key = `${one.entity} ${one.field}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  let set = 0;
  for (const group of groups.values()) set += await resolveGroup(deps, ctx, catalog, input.entity, group);
  return set;
}

async function waitingFor(ctx: TxCtx, input: { entity: EntityModel; records: readonly Arrival[] }): Promise<Waiting[]> {
  if (input.records.length === 0) return [];
  const kinds = await ctx.tx.query<{ match_by: string }>(
    'select distinct match_by from trellis.import_pending_link where resolved_at is null',
  );
  if (kinds.length === 0) return [];
  const keys = kinds.flatMap(({ match_by }) =>
    input.records.flatMap(({ id, values }) => {
      const value = match_by === 'id' ? id : values[match_by === 'title' ? input.entity.titleField : match_by];
      return typeof value === 'string' && value !== '' ? [{ match_by, value, target_id: id }] : [];
    }),
  );
  return ctx.tx.query<Waiting>(
    `select p.id, p.import_id, p.entity, p.record_id, p.field, k.target_id
     from json_to_recordset($1::json) as k(match_by text, value text, target_id uuid)
     join trellis.import_pending_link p on p.match_by = k.match_by and p.value = k.value and p.resolved_at is null
     order by p.id for update of p`,
    [JSON.stringify(keys)],
  );
}

async function resolveGroup(
  deps: ExchangeDeps,
  ctx: TxCtx,
  catalog: Catalog,
  target: EntityModel,
  group: readonly Waiting[],
): Promise<number> {
  const system = ctx.asSystem('a record arrived that an import referred to') as TxCtx;
  const { entity } = group[0];
  const field = catalog.schema.entities.get(entity)?.fields.get(group[0].field) as FieldModel;
  const records = await standing(deps.access, system, catalog, {
    entity,
    key: 'id',
    values: [...new Set(group.map((one) => one.record_id))],
  });
  const rows = new Map<string, { record: string; value: Json; old: number }>();
  for (const one of group) {
    const record = records.get(one.record_id);
    if (!record || record.deleted) continue;
    const present = record.data[field.key] ?? null;
    if (field.kind.relation === 'many') {
      const before = rows.get(one.record_id)?.value as { add: Json[] } | undefined;
      rows.set(one.record_id, {
        record: one.record_id,
        value: { add: [...(before?.add ?? []), { id: one.target_id }] },
        old: record.version,
      });
    } else if (present === null) {
      const value = field.kind.relation === 'any' ? { entity: target.id, id: one.target_id } : one.target_id;
      rows.set(one.record_id, { record: one.record_id, value, old: record.version });
    }
  }
  const list = [...rows.values()];
  if (list.length > 0) {
    await deps.records.bulk(system, {
      entity,
      mode: 'update',
      key: 'id',
      rows: list.map((row) => ({ id: row.record, [field.key]: row.value })),
      atomic: false,
    });
    // Undo asks whether anybody touched a record since: this did not count as touching.
    await ctx.tx.query(
      `update trellis.import_row t set version = r.old + 1 from json_to_recordset($1::json) as r(record uuid, old integer) where t.record_id = r.record and t.version = r.old`,
      [JSON.stringify(list)],
    );
  }
  await ctx.tx.query(
    `update trellis.import_pending_link p set resolved_at = now(), target_id = r.target_id from json_to_recordset($1::json) as r(id bigint, target_id uuid) where p.id = r.id`,
    [JSON.stringify(group.map((one) => ({ id: one.id, target_id: one.target_id })))],
  );
  await ctx.tx.query(
    `update trellis.import i set pending = (select count(*) from trellis.import_pending_link p where p.import_id = i.id and p.resolved_at is null) where i.id in (select unnest($1::uuid[]))`,
    [[...new Set(group.map((one) => one.import_id))]],
  );
  return list.length;
}
