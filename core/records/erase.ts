import type { Catalog } from '../catalog/index.js';
import { joinTable, literal, quote } from '../query/index.js';
import { overflowOf, type EntityModel, type FieldModel } from '../schema/index.js';
import type { Ctx, Tx } from '../sdk/index.js';
import { lockRows, type Locked } from './lock.js';
import { purgeRows } from './remove.js';
import type { RecordsDeps, TxCtx } from './transaction.js';

const ROWS_AT_ONCE = 500;
/** What a title or a text that must be filled in says once it is anonymised. */
const erasedText = '—';

/** Records of one entity, and what becomes of them. */
export interface EraseInput {
  readonly entity: string;
  readonly ids: readonly string[];
  readonly how: 'delete' | 'anonymise';
}

/**
 * Takes personal data out for good, recycle bin included: `delete` the whole record, `anonymise` its personal and sensitive fields, here
 * and in its history. Inside the caller's transaction; nobody's rights are asked. Returns how many records there were, and
 * the contents of files that lost their attachment.
 */
export async function eraseRecords(
  deps: RecordsDeps,
  ctx: Ctx & { readonly tx: Tx },
  input: EraseInput,
): Promise<{ count: number; hashes: string[] }> {
  const catalog = deps.catalog.current;
  const system = ctx.asSystem('erase personal data') as TxCtx;
  const entity = catalog.schema.entities.get(input.entity) as EntityModel;
  const hashes: string[] = [];
  let count = 0;
  for (let i = 0; i < input.ids.length; i += ROWS_AT_ONCE) {
    const by = { column: 'id', type: 'uuid', values: input.ids.slice(i, i + ROWS_AT_ONCE) };
    const rows = await lockRows(deps, system, catalog, input.entity, by, 'purge', 'any');
    count += rows.length;
    if (rows.length === 0) continue;
    if (input.how === 'anonymise') await anonymise(system, catalog, entity, rows);
    else {
      await purgeRows({ deps, ctx: system, catalog }, input.entity, rows);
      if (input.entity === 'core.attachment') hashes.push(...rows.map(({ data }) => String(data.hash)));
    }
  }
  return { count, hashes };
}

async function anonymise(ctx: TxCtx, catalog: Catalog, entity: EntityModel, rows: readonly Locked[]): Promise<void> {
  const ids = rows.map(({ id }) => id);
  const fields = personalFields(catalog, entity);
  for (const table of [null, ...entity.overflow]) {
    const sets = fields
      .filter((field) => overflowOf(entity, field) === table && !isComputed(field))
      .flatMap((field) => field.kind.columns(field).map(({ name }) => `${quote(name)} = ${emptied(entity, field)}`));
    if (table === null)
      await ctx.tx.query(
        `update ${entity.table} t set ${[...sets, 'external_id = null', 'version = version + 1', 'updated_at = $2'].join(', ')} where t.id in (select unnest($1::uuid[]))`,
        [ids, ctx.now()],
      );
    else if (sets.length > 0)
      await ctx.tx.query(
        `update ${table.table} t set ${sets.join(', ').replaceAll('t.id', `t.${quote(table.key)}`)} where t.${quote(table.key)} in (select unnest($1::uuid[]))`,
        [ids],
      );
  }
  for (const field of fields.filter(({ kind }) => kind.relation === 'many'))
    await ctx.tx.query(`delete from ${joinTable(field)} where source_id in (select unnest($1::uuid[]))`, [ids]);
  const external = entity.fields.get('externalId')?.uuid ?? '';
  await ctx.tx.query(
    'update trellis.history set previous = previous - $2::text[], reason = null where record_id in (select unnest($1::uuid[]))',
    [ids, [external, ...fields.map(({ uuid }) => uuid)]],
  );
  await ctx.tx.query(
    `insert into trellis.outbox (topic, payload) select 'record.changed', jsonb_build_object('entity', ${literal(entity.id)}, 'operation', 'update', 'ids', to_jsonb($1::text[]))`,
    [ids],
  );
}

/** Retired ones too: their columns stand. */
function personalFields(catalog: Catalog, entity: EntityModel): FieldModel[] {
  const retired = catalog.retiredFields(entity.id).map(({ field }) => field);
  const byKey = new Map([...entity.fields.values(), ...retired].map((field) => [field.key, field]));
  return [...byKey.values()].filter((field) => field.sensitivity !== 'normal');
}

function isComputed({ kind }: FieldModel): boolean {
  return kind.id === 'formula' || kind.id === 'rollup' || kind.id === 'lines';
}

/** SQL over `t.`: a record must still have a title, and two must not share one where that is unique. */
function emptied(entity: EntityModel, field: FieldModel): string {
  const isWords = field.kind.id === 'text' || field.kind.id === 'longText';
  if (!isWords || !(field.required || field.key === entity.titleField)) return 'null';
  return field.unique ? `'${erasedText} ' || t.id` : `'${erasedText}'`;
}
