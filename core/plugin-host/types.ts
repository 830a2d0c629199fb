import type { CatalogService, Definition } from '../catalog/index.js';
import type { Hooks } from '../hooks/index.js';
import type { ContextFactory, JobQueue, PluginDefinition } from '../sdk/index.js';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import type { Database } from '../storage/index.js';

/** Nest injection token of `PluginHost`. */
export const PLUGIN_HOST = Symbol('PLUGIN_HOST');

/** One reason why a plugin cannot run as it is. */
export interface PluginProblem {
  /** Id of the plugin, or its folder where the id cannot be read. */
  readonly plugin: string;
  /** Path as people know it, e.g. `plugins/sales/entities/opportunity.json`. */
  readonly file: string;
  /** JSON Pointer into the file; '' is the whole file. */
  readonly pointer: string;
  /** Dotted code, e.g. `plugin.unknown_folder`. */
  readonly code: string;
  /** English, with a suggestion where there is one. */
  readonly message: string;
}

/** Where a plugin's folder was found. */
export type PluginOrigin = 'core' | 'built-in' | 'folder' | 'package';

/** A folder that claims to be a plugin. */
export interface PluginFolder {
  /** Absolute and real. */
  readonly dir: string;
  /** How messages call it, e.g. `plugins/sales`. */
  readonly label: string;
  readonly origin: PluginOrigin;
}

/** One JSON file of a plugin, read and not yet understood. */
export interface PluginFile {
  /** Relative to the plugin's folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** What stands in a plugin's folder. */
export interface RawPlugin extends PluginFolder {
  readonly files: readonly PluginFile[];
  /** File name of the code, `index.js` or `index.ts`, or null in a code-free plugin. */
  readonly code: string | null;
  /** Over the names and bytes of all JSON files. */
  readonly hash: string;
  readonly problems: readonly PluginProblem[];
}

/** `plugin.json`, as far as the host reads it. */
export interface PluginManifest {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly description?: string;
  readonly icon?: string;
  readonly requires: Readonly<Record<string, string>>;
  readonly optional: Readonly<Record<string, string>>;
  readonly conflicts: Readonly<Record<string, string>>;
}

/** A seed document and the file it came from. */
export interface SeedFile {
  readonly file: string;
  readonly entity: string;
  readonly set: 'demo' | 'base';
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** A plugin whose files are understood. */
export interface ParsedPlugin extends PluginFolder {
  readonly manifest: PluginManifest;
  readonly hash: string;
  readonly code: string | null;
  /** In the order of their files; seeds are not among them. */
  readonly documents: readonly Definition[];
  readonly seeds: readonly SeedFile[];
}

export type PluginState = 'enabled' | 'disabled' | 'failed';

/** One line of `GET /api/plugins`. */
export interface PluginInfo {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly icon: string;
  readonly version: string;
  readonly origin: PluginOrigin;
  readonly state: PluginState;
  readonly problems: readonly PluginProblem[];
  readonly requires: Readonly<Record<string, string>>;
  /** Ids of the entities that it brings. */
  readonly entities: readonly string[];
}

/** Finds, checks and runs plugins. */
export interface PluginHost {
  /** Loads all plugins, applies their definitions, registers their code, seeds on the first run. Never throws for a broken plugin; throws plugin.core_broken where the kernel's own is. */
  start(): Promise<void>;
  /** Stops listening for changes of the catalog. */
  stop(): Promise<void>;
  /** All plugins that were found, in the order of loading, broken ones last. */
  list(): readonly PluginInfo[];
  /** Throws plugin.not_found, plugin.broken (with the problems as issues). */
  enable(id: string): Promise<PluginInfo>;
  /** Its hooks, jobs and entities go; the data stay. Throws plugin.not_found, plugin.required (by another that is enabled). */
  disable(id: string): Promise<PluginInfo>;
}

export interface PluginHostDeps {
  readonly db: Database;
  readonly catalog: CatalogService;
  readonly hooks: Hooks;
  readonly jobs: JobQueue;
  readonly contexts: ContextFactory;
  readonly config: Pick<Config, 'pluginDirs' | 'seed'>;
  readonly log: Log;
  /** Folder that holds `core/system` and `plugins`; absent: the one this code runs from. */
  readonly home?: string;
  /** Imports a plugin's code; absent: `import()`. */
  readonly importModule?: ImportModule;
}

/** Imports the module at an absolute path and returns its exports. */
export type ImportModule = (path: string) => Promise<{ readonly default?: PluginDefinition }>;
