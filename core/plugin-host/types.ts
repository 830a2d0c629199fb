import type { Actions } from '../actions/index.js';
import type { CatalogService, Definition } from '../catalog/index.js';
import type { Hooks } from '../hooks/index.js';
import type { Jobs } from '../jobs/index.js';
import type { ContextFactory, JobQueue, PluginDefinition, PluginSettings } from '../sdk/index.js';
import type { Config } from '../base/config.js';
import type { PackagePlan } from './packages/install-package.js';
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
export type PluginOrigin = 'core' | 'built-in' | 'folder' | 'package' | 'installed';

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
  /** JSON Schema of its settings; null: it has none. */
  readonly settings: SettingsSchema | null;
  /** What its code does beyond records; told to people, not enforced. */
  readonly capabilities: readonly string[];
  /** What becomes of its data when it is uninstalled, unless the administrator says otherwise. */
  readonly uninstall: UninstallPolicy;
}

export type UninstallPolicy = 'keep' | 'purge';

/** The settings object as plugin.json describes it: flat, of plain values. */
export interface SettingsSchema {
  readonly type: 'object';
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, SettingSchema>>;
}

export interface SettingSchema {
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
  readonly title: string;
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly enum?: readonly (string | number | boolean)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
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

/** `uninstalled`: its files are there, but no start takes it in until it is installed again. */
export type PluginState = 'enabled' | 'disabled' | 'failed' | 'uninstalled';

/** Language → JSON Pointer into plugin.json → text. */
export type PluginTexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One line of `GET /api/plugins`, there in the reader's language and without `texts`. */
export interface PluginInfo {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly icon: string;
  readonly version: string;
  readonly origin: PluginOrigin;
  readonly state: PluginState;
  readonly problems: readonly PluginProblem[];
  /** What keeps it from nothing, and yet may be meant otherwise; only `PluginHost.current` looks for it. */
  readonly warnings?: readonly PluginProblem[];
  readonly requires: Readonly<Record<string, string>>;
  /** Ids of the entities that it brings. */
  readonly entities: readonly string[];
  /** What its code does beyond records, e.g. `network`. */
  readonly capabilities: readonly string[];
  readonly hasSettings: boolean;
  /** What becomes of its data when it is uninstalled, unless told otherwise. */
  readonly uninstall: UninstallPolicy;
  /** What its own files say of it in other languages. */
  readonly texts: PluginTexts;
}

/** A plugin's settings, as administrators see them. */
export interface PluginSettingsInfo {
  readonly schema: SettingsSchema;
  /** What counts: what was set, else the default; absent where neither is there. */
  readonly values: PluginSettings;
  /** Keys that an administrator has set. */
  readonly set: readonly string[];
}

/** What uninstalling a plugin would do. */
export interface UninstallPlan {
  readonly id: string;
  readonly policy: UninstallPolicy;
  /** Its entities, with all their records, the recycle bin included. Kept: retired. Purged: dropped. */
  readonly entities: readonly { readonly entity: string; readonly table: string; readonly rows: number }[];
  /** Fields that it added to entities of others; `rows`: records in which they hold a value. */
  readonly fields: readonly { readonly entity: string; readonly field: string; readonly rows: number }[];
  /** Enabled plugins that need it: they must go first. */
  readonly requiredBy: readonly string[];
  /** What to send as `confirm`; null where nothing is lost. */
  readonly confirm: string | null;
}

/** Finds, checks and runs plugins. */
export interface PluginHost {
  /** Loads all plugins, applies their definitions, registers their code, seeds on the first run. Never throws for a broken plugin; throws plugin.core_broken where the kernel's own is. */
  start(): Promise<void>;
  /** False where the catalog was made of other files than this node's: it is not ready, reads and writes nothing. */
  isInStep(): boolean;
  /** Stops listening for changes of the catalog. */
  stop(): Promise<void>;
  /** All plugins that this node runs or has found: those in folders in the order in which they were found, then packages by id. */
  list(): readonly PluginInfo[];
  /** The same as the database has them now: what another node has just switched or installed counts. */
  current(): Promise<readonly PluginInfo[]>;
  /** Throws plugin.not_found, plugin.broken (with the problems as issues). */
  enable(id: string): Promise<PluginInfo>;
  /** Its hooks, jobs and entities go; the data stay. Throws plugin.not_found, plugin.required (by another that is enabled). */
  disable(id: string): Promise<PluginInfo>;
  /** Takes in a plugin that was uninstalled; data that were kept are there again. Throws what `enable` throws, plugin.not_uninstalled. */
  install(id: string): Promise<PluginInfo>;
  /** What `uninstall` would do. Throws plugin.not_found. */
  planUninstall(id: string, policy?: UninstallPolicy): Promise<UninstallPlan>;
  /**
   * Leaves the plugin out from now on. `keep`: its entities and fields are retired, the data stay. `purge`: its tables and columns
   * are dropped. Throws plugin.not_found, plugin.required, plugin.confirm_required (a purge whose `confirm` is not the id).
   */
  uninstall(id: string, input: { policy?: UninstallPolicy; confirm?: string }): Promise<PluginInfo>;
  /** What installing a bundle `{files}` would do. Throws package.*, plugin.invalid. */
  planPackage(bundle: unknown): Promise<PackagePlan>;
  /**
   * Takes a plugin without code in, or another version of it; every node has it at once. Where it cannot run, the earlier
   * version stays. Throws package.*, plugin.invalid, plugin.broken.
   */
  installPackage(bundle: unknown, by: string | null): Promise<PluginInfo>;
  /** Throws plugin.not_found, plugin.no_settings. */
  settings(id: string): Promise<PluginSettingsInfo>;
  /** Sets what is given; null goes back to the default. Counts on every node within a moment. Throws plugin.no_settings, plugin.bad_settings. */
  changeSettings(id: string, patch: Readonly<Record<string, unknown>>): Promise<PluginSettingsInfo>;
}

export interface PluginHostDeps {
  readonly db: Database;
  readonly catalog: CatalogService;
  readonly hooks: Hooks;
  readonly jobs: JobQueue & Pick<Jobs, 'hold' | 'hasOtherNodes'>;
  readonly actions: Pick<Actions, 'register' | 'unregister'>;
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
