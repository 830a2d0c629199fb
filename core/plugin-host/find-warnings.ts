import { findUnknownNames, type Catalog } from '../catalog/index.js';
import { workspaceLayer } from '../schema/index.js';
import type { Database } from '../storage/index.js';
import { places } from './places.js';
import type { PluginInfo, PluginProblem, RawPlugin } from './types.js';

/** The plugins with their rules that name roles, teams or territories which are not there: names are data, and may yet come. */
export async function withWarnings(
  db: Database,
  catalog: Catalog,
  { infos, raws }: { readonly infos: readonly PluginInfo[]; readonly raws: readonly RawPlugin[] },
): Promise<PluginInfo[]> {
  const layers = catalog.layers.filter(({ plugin }) => plugin !== workspaceLayer);
  const owners = new Map<string, string>();
  const rules = layers.flatMap(({ plugin, documents }) =>
    documents.map(({ type, id, document }) => {
      owners.set(`${type}:${id}`, plugin);
      return { type, id, before: null, after: document };
    }),
  );
  const found = await findUnknownNames((text, values = []) => db.query({ text, values }), catalog, rules);
  return infos.map((info, i) => {
    if (info.state !== 'enabled') return info;
    const warnings = found
      .filter(({ type, id }) => owners.get(`${type}:${id}`) === info.id)
      .map(({ type, id, pointer, code, message }): PluginProblem => {
        const folder = Object.entries(places).find(([, held]) => held === type)?.[0] ?? type;
        const file = `${raws[i].label}/${folder}/${id.slice(id.indexOf('.') + 1)}.json`;
        return { plugin: info.id, file, pointer, code, message };
      });
    return warnings.length === 0 ? info : { ...info, warnings };
  });
}
