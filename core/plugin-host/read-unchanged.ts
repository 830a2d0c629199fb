import { withManifestDefaults } from './manifest.js';
import type { Assessed } from './assess-plugins.js';
import type { StoredPlugin } from './plugin-store.js';
import type { ParsedPlugin, PluginManifest, RawPlugin } from './types.js';

/** Plugins as they were when they were last checked. */
export interface Unchanged {
  readonly plugins: readonly ParsedPlugin[];
  readonly assessed: readonly Assessed[];
}

/**
 * The short way of an ordinary start: where every file is as it was when all plugins were last found sound, nothing is
 * validated again and no definition is even parsed (the catalog has them). Null where anything is new, changed, gone,
 * broken, or not seeded as it should be.
 */
export function readUnchanged(
  raws: readonly RawPlugin[],
  stored: readonly StoredPlugin[],
  seed: 'demo' | 'none' = 'none',
): Unchanged | null {
  const plugins: ParsedPlugin[] = [];
  const assessed: Assessed[] = [];
  for (const raw of raws) {
    const manifest = manifestOf(raw);
    const known = stored.find((plugin) => plugin.id === manifest?.id);
    if (
      !manifest ||
      !known ||
      raw.problems.length > 0 ||
      known.hash !== raw.hash ||
      known.state === 'failed' ||
      (known.state === 'enabled' && (!known.seeded || (seed === 'demo' && known.demo === null)))
    )
      return null;
    const plugin: ParsedPlugin = {
      dir: raw.dir,
      label: raw.label,
      origin: raw.origin,
      manifest,
      hash: raw.hash,
      code: raw.code,
      documents: [],
      seeds: [],
    };
    if (known.state === 'enabled') plugins.push(plugin);
    assessed.push({ raw, result: { id: manifest.id, manifest, plugin, problems: [] }, problems: [] });
  }
  const ids = new Set(assessed.map(({ result }) => result.id));
  return ids.size === assessed.length && stored.every((plugin) => ids.has(plugin.id) || plugin.state !== 'enabled')
    ? { plugins, assessed }
    : null;
}

/** The manifest as it is written, where it can be read; it was checked when its hash was stored. */
export function manifestOf(raw: RawPlugin): PluginManifest | null {
  const file = raw.files.find(({ path }) => path === 'plugin.json');
  if (!file) return null;
  try {
    const { $schema: _, ...document } = JSON.parse(file.text) as PluginManifest & { $schema?: string };
    return {
      ...document,
      requires: document.requires ?? {},
      optional: document.optional ?? {},
      conflicts: document.conflicts ?? {},
      ...withManifestDefaults(document),
    };
  } catch {
    return null;
  }
}
