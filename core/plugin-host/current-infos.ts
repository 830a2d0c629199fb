import { validateDefinition } from '../schema/index.js';
import type { Database } from '../storage/index.js';
import { offOf } from './apply-plugins.js';
import { assessPlugins } from './assess-plugins.js';
import { readPackageHashes, readPackages } from './packages/package-store.js';
import { toInfo } from './plugin-info.js';
import { readPlugins, type StoredPlugin } from './plugin-store.js';
import type { PluginInfo, PluginProblem, RawPlugin } from './types.js';

/** What this node knows: its folders, all that it found (folders, then packages), and what became of each. */
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
  if (isSame && infos.length === raws.length) return { raws, infos: withStored(infos, raws, stored) };
  const found = [...folders, ...(await readPackages(db))];
  const { assessed, plugins } = assessPlugins({ raws: found, disabled: offOf(stored), validate: validateDefinition });
  return { raws: found, infos: assessed.map((one) => toInfo(one, plugins, stored)) };
}

/**
 * The plugins with what the workspace decided about them, whatever the order of the folders. A row is of the first of its id
 * that has not been told that the id is taken; it counts in full where its files are still the ones found here.
 */
export function withStored(
  infos: readonly PluginInfo[],
  raws: readonly Pick<RawPlugin, 'hash'>[],
  stored: readonly StoredPlugin[],
): PluginInfo[] {
  const rows = new Map(stored.map((row) => [row.id, row]));
  // Over all files, plugin.json with the id among them: a hash is of one plugin.
  const hashes = new Set(raws.map(({ hash }) => hash));
  return infos.map((info) => {
    const row = rows.get(info.id);
    if (row === undefined || info.problems.some(isTaken)) return info;
    rows.delete(info.id);
    if (hashes.has(row.hash)) return { ...info, state: row.state, problems: row.problems };
    return row.state === 'disabled' || row.state === 'uninstalled' ? { ...info, state: row.state } : info;
  });
}

function isTaken({ code, pointer }: PluginProblem): boolean {
  return code === 'plugin.id_taken' && pointer === '/id';
}
