import type { Assessed } from './assess-plugins.js';
import type { StoredPlugin } from './plugin-store.js';
import { ownTexts } from './plugin-texts.js';
import type { ParsedPlugin, PluginInfo } from './types.js';

/** What people are told of a plugin. */
export function toInfo(
  { raw, result, problems }: Assessed,
  running: readonly ParsedPlugin[],
  stored: readonly StoredPlugin[],
): PluginInfo {
  const runs = result.plugin !== null && running.some((plugin) => plugin.dir === raw.dir);
  const off = stored.find(({ id, state }) => id === result.id && (state === 'disabled' || state === 'uninstalled'));
  return {
    id: result.id,
    title: result.manifest?.title ?? result.id,
    description: result.manifest?.description ?? '',
    icon: result.manifest?.icon ?? 'box',
    version: result.manifest?.version ?? '',
    origin: raw.origin,
    state: runs ? 'enabled' : (off?.state ?? 'failed'),
    problems,
    requires: result.manifest?.requires ?? {},
    entities: raw.files.flatMap(({ path }) =>
      path.startsWith('entities/') ? [`${result.id}.${path.slice('entities/'.length, -'.json'.length)}`] : [],
    ),
    capabilities: result.manifest?.capabilities ?? [],
    hasSettings: (result.manifest?.settings ?? null) !== null,
    uninstall: result.manifest?.uninstall ?? 'keep',
    texts: ownTexts(raw, result.id),
  };
}
