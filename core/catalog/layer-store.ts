import type { Statement, Tx } from '../sdk/index.js';
import type { CatalogNode } from './node-plan.js';
import type { Layer } from './types.js';

/** The catalog as it stands in the database, of one snapshot. */
export interface StoredCatalog {
  readonly epoch: number;
  readonly layers: readonly Layer[];
  readonly nodes: readonly CatalogNode[];
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

/** Replaces the layers and the changed nodes, raises the epoch, tells the other nodes. */
export async function writeStored(tx: Tx, layers: readonly Layer[], nodes: readonly CatalogNode[]): Promise<number> {
  await tx.query(deleteSql, [layers.map((layer) => layer.plugin)]);
  await tx.query(layerSql, [JSON.stringify(layers)]);
  if (nodes.length > 0) await tx.query(nodeSql, [JSON.stringify(nodes)]);
  const [{ epoch }] = await tx.query<{ epoch: string }>(
    `update trellis.epoch set catalog_epoch = catalog_epoch + 1 returning catalog_epoch as epoch`,
  );
  await tx.query(`select pg_notify('trellis_catalog', $1)`, [String(epoch)]);
  return Number(epoch);
}

const readSql = `
select json_build_object(
  'epoch', (select catalog_epoch from trellis.epoch),
  'layers', coalesce((select json_agg(json_build_object('plugin', plugin, 'version', version, 'position', position, 'hash', hash, 'documents', documents) order by position) from trellis.catalog_layer), '[]'),
  'nodes', coalesce((select json_agg(json_build_object('id', id, 'entity', entity, 'field', field, 'kind', kind, 'plugin', plugin, 'state', state)) from trellis.catalog_node where state <> 'purged'), '[]')
) as stored`;

const deleteSql = `delete from trellis.catalog_layer where plugin <> all($1)`;

const layerSql = `
insert into trellis.catalog_layer (plugin, version, position, hash, documents)
select plugin, version, position, hash, documents
from json_to_recordset($1::json) as l(plugin text, version text, position integer, hash text, documents json)
on conflict (plugin) do update set version = excluded.version, position = excluded.position, hash = excluded.hash, documents = excluded.documents, applied_at = now()
where (catalog_layer.hash, catalog_layer.position, catalog_layer.version) is distinct from (excluded.hash, excluded.position, excluded.version)`;

const nodeSql = `
insert into trellis.catalog_node (id, entity, field, kind, plugin, state)
select id, entity, field, kind, plugin, state
from json_to_recordset($1::json) as n(id uuid, entity text, field text, kind text, plugin text, state text)
on conflict (id) do update set kind = excluded.kind, plugin = excluded.plugin, state = excluded.state`;
