import { conflict } from '../base/errors.js';
import { joinTableName, quoteName, tableName, type FieldModel } from '../schema/index.js';
import type { Tx } from '../sdk/index.js';
import { sequenceName } from '../storage/index.js';
import { bumpEpoch, readStored, type StoredCatalog } from './layer-store.js';
import { makeCatalog } from './make-catalog.js';
import type { Catalog, Holdings } from './types.js';

/** What a plugin keeps: its tables, and its columns in tables of others, with the number of rows. */
export async function holdingsOf(tx: Tx, plugin: string): Promise<Holdings> {
  const { entities, fields, standing } = await findOwn(tx, plugin);
  const counted = async (from: string): Promise<number> => {
    const [{ rows }] = await tx.query<{ rows: number }>(`select count(*)::int as rows from ${from}`);
    return rows;
  };
  const held: { entity: string; table: string; rows: number }[] = [];
  for (const { entity } of entities)
    if (standing.has(tableName(entity)))
      held.push({ entity, table: tableName(entity), rows: await counted(tableOf(entity)) });
  const added: { entity: string; field: string; rows: number }[] = [];
  for (const field of fields)
    if (standing.has(storeOf(field)))
      added.push({ entity: field.entity, field: field.key, rows: await counted(filledRows(field)) });
  return { entities: held, fields: added };
}

/** Drops what a plugin keeps. Throws plugin.enabled where it is still applied. */
export async function purgePlugin(tx: Tx, plugin: string): Promise<void> {
  const { stored, catalog, entities, fields, standing } = await findOwn(tx, plugin);
  if (stored.layers.some((layer) => layer.plugin === plugin))
    throw conflict('plugin.enabled', `The plugin "${plugin}" is still applied; uninstall it first.`);
  const going = entities.map(({ entity }) => entity);
  await loosenLinks(tx, catalog, going);
  const ofEntities = entities.flatMap(({ entity }) => catalog.retiredFields(entity).map(({ field }) => field));
  for (const field of [...ofEntities, ...fields]) await dropBeside(tx, field);
  for (const entity of going) await tx.query(`drop table if exists ${tableOf(entity)} cascade`);
  for (const field of fields) {
    const columns = standing.has(tableName(field.entity)) ? field.kind.columns(field) : [];
    if (columns.length > 0)
      await tx.query(
        `alter table ${tableOf(field.entity)} ${columns.map(({ name }) => `drop column if exists ${quoteName(name)}`).join(', ')}`,
      );
  }
  await tx.query('delete from trellis.index_state where entity in (select unnest($1::text[]))', [going]);
  await tx.query('delete from trellis.import_pending_link where entity in (select unnest($1::text[]))', [going]);
  await tx.query('delete from trellis.import where entity in (select unnest($1::text[]))', [going]);
  await tx.query(`update trellis.catalog_node set state = 'purged' where plugin = $1 and state = 'retired'`, [plugin]);
  await bumpEpoch(tx);
}

/** Takes the history of purged entities away; large, and nobody can ask for it any more, so it holds nobody up. */
export const dropHistorySql = `delete from trellis.history where entity in (
  select id from trellis.catalog_node where plugin = $1 and field = '' and state = 'purged')`;

interface Own {
  readonly stored: StoredCatalog;
  readonly catalog: Catalog;
  readonly entities: readonly { readonly entity: string }[];
  /** On entities of others. */
  readonly fields: readonly FieldModel[];
  /** Tables that are there. */
  readonly standing: ReadonlySet<string>;
}

async function findOwn(tx: Tx, plugin: string): Promise<Own> {
  const stored = await readStored(async ({ text, values }) => tx.query(text, values));
  const catalog = makeCatalog(stored);
  const own = stored.nodes.filter((node) => node.plugin === plugin);
  const entities = own.filter((node) => node.field === '');
  const ids = new Set(entities.map(({ entity }) => entity));
  const modelOf = (entity: string, key: string): FieldModel | undefined =>
    catalog.schema.entities.get(entity)?.fields.get(key) ??
    catalog.retiredFields(entity).find(({ field }) => field.key === key)?.field;
  const fields = own
    .filter((node) => node.field !== '' && !ids.has(node.entity))
    .flatMap((node) => modelOf(node.entity, node.field) ?? []);
  const rows = await tx.query<{ name: string }>(
    `select relname::text as name from pg_class where relnamespace = to_regnamespace('data') and relkind in ('r', 'p')`,
  );
  return { stored, catalog, entities, fields, standing: new Set(rows.map(({ name }) => name)) };
}

/** Links of others that may lead to any entity: what went along with its target goes, the rest leads nowhere. */
async function loosenLinks(tx: Tx, catalog: Catalog, going: readonly string[]): Promise<void> {
  for (const entity of catalog.schema.entities.values()) {
    for (const field of entity.fields.values()) {
      if (field.kind.relation !== 'any') continue;
      const columns = field.kind.columns(field).map(({ name }) => quoteName(name));
      const led = `${columns[0]} in (select unnest($1::text[]))`;
      await tx.query(
        field.onDelete === 'cascade'
          ? `delete from ${entity.table} where ${led}`
          : `update ${entity.table} set ${columns.map((column) => `${column} = null`).join(', ')} where ${led}`,
        [going],
      );
    }
  }
}

/** What a field keeps beside its table: the pairs of a to-many link, the sequence of a number. */
async function dropBeside(tx: Tx, field: FieldModel): Promise<void> {
  if (field.kind.relation === 'many') await tx.query(`drop table if exists ${pairsOf(field)} cascade`);
  if (field.kind.insertSql !== undefined)
    await tx.query(`drop sequence if exists ${sequenceName({ tableName: tableName(field.entity) }, field)} cascade`);
}

function filledRows(field: FieldModel): string {
  if (field.kind.relation === 'many') return pairsOf(field);
  const filled = field.kind.columns(field).map(({ name }) => `${quoteName(name)} is not null`);
  return `${tableOf(field.entity)} where ${filled.join(' or ') || 'false'}`;
}

function storeOf(field: FieldModel): string {
  return field.kind.relation === 'many' ? joinTableName(field.entity, field.key) : tableName(field.entity);
}

function pairsOf(field: FieldModel): string {
  return `data.${quoteName(joinTableName(field.entity, field.key))}`;
}

function tableOf(entity: string): string {
  return `data.${quoteName(tableName(entity))}`;
}
