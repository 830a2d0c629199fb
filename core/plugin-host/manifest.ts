import type { PluginManifest } from './types.js';

/** What a manifest means where it is silent. */
export function withManifestDefaults(
  document: Partial<PluginManifest>,
): Pick<PluginManifest, 'settings' | 'capabilities' | 'uninstall'> {
  return {
    settings: document.settings ?? null,
    capabilities: document.capabilities ?? [],
    uninstall: document.uninstall ?? 'keep',
  };
}
