import type { Assessed } from './assess-plugins.js';
import type { StoredPlugin } from './plugin-store.js';
import type { ParsedPlugin, PluginInfo } from './types.js';

/** What people are told of a plugin. */
export function toInfo(
  { raw, result, problems }: Assessed,
  running: readonly ParsedPlugin[],
  stored: readonly StoredPlugin[],
): PluginInfo {
  const runs = result.plugin !== null && running.some((plugin) => plugin.dir === raw.dir);
  const isOff = stored.some((plugin) => plugin.id === result.id && plugin.state === 'disabled');
  return {
    id: result.id,
    title: result.manifest?.title ?? result.id,
    description: result.manifest?.description ?? '',
    icon: result.manifest?.icon ?? 'box',
    version: result.manifest?.version ?? '',
    origin: raw.origin,
    state: runs ? 'enabled' : isOff ? 'disabled' : 'failed',
    problems,
    requires: result.manifest?.requires ?? {},
    entities: raw.files.flatMap(({ path }) =>
      path.startsWith('entities/') ? [`${result.id}.${path.slice('entities/'.length, -'.json'.length)}`] : [],
    ),
  };
}
