import { validateDefinition } from '../schema/index.js';
import type { Database } from '../storage/index.js';
import { offOf } from './apply-plugins.js';
import { assessPlugins } from './assess-plugins.js';
import { readPackageHashes, readPackages } from './packages/package-store.js';
import { toInfo } from './plugin-info.js';
import { readPlugins, type StoredPlugin } from './plugin-store.js';
import type { PluginInfo, RawPlugin } from './types.js';

/** What this node knows: its folders, all that it found (folders, then packages), and what became of each, in the same order. */
export interface Known {
  readonly folders: readonly RawPlugin[];
  readonly raws: readonly RawPlugin[];
  readonly infos: readonly PluginInfo[];
}

/**
 * The plugins as the database has them now: what another node switched, installed or took away counts before its notice is
 * here. Only reads; bringing this node's code in step is the caller's business: due where `raws` are others than before.
 */
export async function readCurrent(db: Database, { folders, raws, infos }: Known): Promise<Omit<Known, 'folders'>> {
  const stored = await readPlugins(db);
  const hashes = await readPackageHashes(db);
  const known = raws.slice(folders.length);
  const isSame = known.length === hashes.length && known.every(({ hash }, i) => hashes[i] === hash);
  if (isSame && infos.length === raws.length)
    return { raws, infos: infos.map((info, i) => asStored(info, raws[i].hash, stored)) };
  const found = [...folders, ...(await readPackages(db))];
  const { assessed, plugins } = assessPlugins({ raws: found, disabled: offOf(stored), validate: validateDefinition });
  return { raws: found, infos: assessed.map((one) => toInfo(one, plugins, stored)) };
}

/** A plugin with what the workspace decided about it. A folder with a taken id has no row of its own. */
function asStored(info: PluginInfo, hash: string, stored: readonly StoredPlugin[]): PluginInfo {
  const row = stored.find(({ id }) => id === info.id);
  if (row === undefined || info.problems.some(({ code, pointer }) => code === 'plugin.id_taken' && pointer === '/id'))
    return info;
  if (row.hash === hash) return { ...info, state: row.state, problems: row.problems };
  return row.state === 'disabled' || row.state === 'uninstalled' ? { ...info, state: row.state } : info;
}
