import { workspaceLayer } from '../schema/index.js';
import type { Statement, Tx } from '../sdk/index.js';
import type { CatalogNode } from './node-plan.js';
import type { Layer } from './types.js';

/** The catalog as it stands in the database, of one snapshot. */
export interface StoredCatalog {
  readonly epoch: number;
  readonly layers: readonly Layer[];
  readonly nodes: readonly CatalogNode[];
  /** Overflow tables that stand: name → columns. */
  readonly overflow?: Readonly<Record<string, readonly string[]>>;
}

/** Epoch, layers and nodes in one statement, so that they belong together. */
export async function readStored(
  query: (statement: Statement) => Promise<{ stored: StoredCatalog }[]>,
): Promise<StoredCatalog> {
  const [{ stored }] = await query({ text: readSql, values: [] });
  return stored;
}

/** Only what tells whether anything changed: plugin, hash and position of each layer. */
export async function readHashes(tx: Tx): Promise<readonly Pick<Layer, 'plugin' | 'hash' | 'position'>[]> {
  return tx.query(`select plugin, hash, position from trellis.catalog_layer order by position`);
}

/** The epoch as the transaction sees it. */
export async function readEpoch(tx: Tx): Promise<number> {
  const [{ epoch }] = await tx.query<{ epoch: string }>(`select catalog_epoch as epoch from trellis.epoch`);
  return Number(epoch);
}

/** Replaces the layers and the changed nodes, keeps the plugins' texts as bases of later merges, raises the epoch. */
export async function writeStored(tx: Tx, layers: readonly Layer[], nodes: readonly CatalogNode[]): Promise<number> {
  await tx.query(deleteSql, [layers.map((layer) => layer.plugin)]);
  await tx.query(layerSql, [JSON.stringify(layers)]);
  await tx.query(baseSql, [workspaceLayer]);
  await writeNodes(tx, nodes);
  return bumpEpoch(tx);
}

/** Replaces one layer; null removes it. */
export async function writeLayer(tx: Tx, plugin: string, layer: Layer | null): Promise<void> {
  if (layer === null) await tx.query(`delete from trellis.catalog_layer where plugin = $1`, [plugin]);
  else await tx.query(layerSql, [JSON.stringify([layer])]);
}

/** Writes new and changed nodes. */
export async function writeNodes(tx: Tx, nodes: readonly CatalogNode[]): Promise<void> {
  if (nodes.length > 0) await tx.query(nodeSql, [JSON.stringify(nodes)]);
}

/** Raises the epoch and tells the other nodes; returns the new one. */
export async function bumpEpoch(tx: Tx): Promise<number> {
  const [{ epoch }] = await tx.query<{ epoch: string }>(
    `update trellis.epoch set catalog_epoch = catalog_epoch + 1 returning catalog_epoch as epoch`,
  );
  await tx.query(`select pg_notify('trellis_catalog', $1)`, [String(epoch)]);
  return Number(epoch);
}

/** The last text of every plugin that was ever applied and is not among the given ones. */
export async function readBases(tx: Tx, without: readonly string[]): Promise<Layer[]> {
  return tx.query<Layer>(basesSql, [without]);
}

const readSql = `
select json_build_object(
  'epoch', (select catalog_epoch from trellis.epoch),
  'layers', coalesce((select json_agg(json_build_object('plugin', plugin, 'version', version, 'position', position, 'hash', hash, 'documents', documents) order by position) from trellis.catalog_layer), '[]'),
  'nodes', coalesce((select json_agg(json_build_object('id', id, 'entity', entity, 'field', field, 'kind', kind, 'plugin', plugin, 'state', state, 'last', last)) from trellis.catalog_node where state <> 'purged'), '[]'),
  'overflow', coalesce((
    select json_object_agg(c.relname, array(select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
    from pg_class c where c.relnamespace = to_regnamespace('data') and c.relkind = 'r' and c.relname ~ '[$]o[0-9]+$'), '{}')
) as stored`;

const deleteSql = `delete from trellis.catalog_layer where plugin <> all($1)`;

const layerSql = `
insert into trellis.catalog_layer (plugin, version, position, hash, documents)
select plugin, version, position, hash, documents
from json_to_recordset($1::json) as l(plugin text, version text, position integer, hash text, documents json)
on conflict (plugin) do update set version = excluded.version, position = excluded.position, hash = excluded.hash, documents = excluded.documents, applied_at = now()
where (catalog_layer.hash, catalog_layer.position, catalog_layer.version) is distinct from (excluded.hash, excluded.position, excluded.version)`;

const nodeSql = `
insert into trellis.catalog_node (id, entity, field, kind, plugin, state, last)
select id, entity, field, kind, plugin, state, last
from json_to_recordset($1::json) as n(id uuid, entity text, field text, kind text, plugin text, state text, last jsonb)
on conflict (id) do update set kind = excluded.kind, plugin = excluded.plugin, state = excluded.state, last = excluded.last`;

const baseSql = `
insert into trellis.catalog_base (plugin, hash, version, position, documents)
select plugin, hash, version, position, documents from trellis.catalog_layer where plugin <> $1
on conflict (plugin, hash) do update set seen_at = now()`;

const basesSql = `
select distinct on (plugin) plugin, version, position, hash, documents from trellis.catalog_base
where plugin <> all($1) order by plugin, seen_at desc`;
