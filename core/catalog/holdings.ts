import { conflict } from '../base/errors.js';
import { joinTableName, quoteName, tableName, type FieldModel } from '../schema/index.js';
import type { Tx } from '../sdk/index.js';
import { planDdl, readShape, runDdl, type DatabaseShape, type DdlOptions } from '../storage/index.js';
import { modelOfEntity } from './changes/find-purged.js';
import { bumpEpoch, readStored, type StoredCatalog } from './layer-store.js';
import { makeCatalog } from './make-catalog.js';
import type { Catalog, Holdings } from './types.js';

/** What a plugin keeps: its tables, and its columns in tables of others, with the number of rows. */
export async function holdingsOf(tx: Tx, plugin: string): Promise<Holdings> {
  const { entities, fields } = await findOwn(tx, plugin);
  const { tables } = await readShape(tx);
  const counted = async (from: string): Promise<number> => {
    const [{ rows }] = await tx.query<{ rows: number }>(`select count(*)::int as rows from ${from}`);
    return rows;
  };
  const held: { entity: string; table: string; rows: number }[] = [];
  for (const { entity } of entities)
    if (tables.has(tableName(entity)))
      held.push({ entity, table: tableName(entity), rows: await counted(tableOf(entity)) });
  const added: { entity: string; field: string; rows: number }[] = [];
  for (const field of fields) {
    const from = filledRows(field, tables);
    if (from !== null) added.push({ entity: field.entity, field: field.key, rows: await counted(from) });
  }
  return { entities: held, fields: added };
}

/**
 * Drops what a plugin keeps, with its values in the history and in what imports remember, by a task. Throws plugin.enabled where it
 * is still applied.
 */
export async function purgePlugin(tx: Tx, plugin: string, options: DdlOptions): Promise<void> {
  const { stored, catalog, entities, fields } = await findOwn(tx, plugin);
  if (stored.layers.some((layer) => layer.plugin === plugin))
    throw conflict('plugin.enabled', `The plugin "${plugin}" is still applied; uninstall it first.`);
  const going = entities.map(({ entity }) => entity);
  await loosenLinks(tx, catalog, going);
  const purgedEntities = going.map((entity) =>
    modelOfEntity(
      entity,
      stored.nodes.filter((node) => node.entity === entity),
    ),
  );
  const steps = planDdl(await readShape(tx), catalog.schema, { ...options, purged: fields, purgedEntities });
  await runDdl(tx, steps);
  await tx.query('delete from trellis.index_state where entity in (select unnest($1::text[]))', [going]);
  await tx.query('delete from trellis.import_pending_link where entity in (select unnest($1::text[]))', [going]);
  await tx.query('delete from trellis.import where entity in (select unnest($1::text[]))', [going]);
  await tx.query(
    `update trellis.catalog_node set state = 'purged', last = null where plugin = $1 and state = 'retired'`,
    [plugin],
  );
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
  return { stored, catalog, entities, fields };
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

/** Where the rows with a value of a field stand; null: nowhere. A wide entity keeps some of its fields beside its own table. */
function filledRows(field: FieldModel, tables: DatabaseShape['tables']): string | null {
  const own = tableName(field.entity);
  if (field.kind.relation === 'many') {
    const pairs = joinTableName(field.entity, field.key);
    return tables.has(pairs) ? `data.${quoteName(pairs)}` : null;
  }
  const columns = field.kind.columns(field).map(({ name }) => name);
  if (columns.length === 0) return tables.has(own) ? `${tableOf(field.entity)} where false` : null;
  for (const [table, stands] of tables) {
    if ((table !== own && !table.startsWith(`${own}$o`)) || !columns.every((name) => stands.columns.has(name)))
      continue;
    return `data.${quoteName(table)} where ${columns.map((name) => `${quoteName(name)} is not null`).join(' or ')}`;
  }
  return null;
}

function tableOf(entity: string): string {
  return `data.${quoteName(tableName(entity))}`;
}
