/**
 * Plugins from folder to running code: found, read, checked, ordered, applied to the catalog, registered, seeded, switched
 * on and off. It never interprets a definition (the catalog does) and never writes a row (records does).
 * Invariants: a broken plugin is named with file, pointer and suggestion, and left out with those that require it, while
 * the rest runs; a start on unchanged files validates nothing; the kernel's own plugin loads first and cannot be disabled.
 */
export { createPluginHost } from './plugin-host.js';
export { readPlugins, type StoredPlugin } from './plugin-store.js';
export {
  exportWorkspace,
  openWorkspacePackage,
  workspaceManifest,
  type WorkspacePackage,
} from './packages/workspace-package.js';
export { publishPlugin, type PublishedPlugin } from './packages/publish-plugin.js';
export type { PackagePlan } from './packages/install-package.js';
export { localizePlugin, localizeSettings, type PluginAnswer } from './plugin-texts.js';
export { PluginHostModule } from './plugin-host.module.js';
export {
  PLUGIN_HOST,
  type PluginHost,
  type PluginHostDeps,
  type PluginInfo,
  type PluginOrigin,
  type PluginProblem,
  type PluginSettingsInfo,
  type PluginState,
  type UninstallPlan,
} from './types.js';
