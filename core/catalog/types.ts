import type { TrellisError } from '../base/errors.js';
import type { DefinitionDiff, PlannedStatement, UpgradeConflict } from '../../schemas/studio.js';
import type { FieldModel, SchemaModel } from '../schema/index.js';

/** Nest injection token of `CatalogService`. */
export const CATALOG = Symbol('CATALOG');

/** One contributed document with its place of origin. */
export interface Definition {
  readonly type: string;
  /** `plugin.name`; a translation's id is `plugin.locale`. */
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** One layer as stored: a plugin at a version, its documents in order. */
export interface Layer {
  readonly plugin: string;
  readonly version: string;
  /** Order in the fold, bottom first; `core` is 0. */
  readonly position: number;
  /** Hash over the documents; equal hashes need no apply. */
  readonly hash: string;
  readonly documents: readonly Definition[];
}

/** Where a property of a definition comes from. */
export interface Provenance {
  readonly plugin: string;
  readonly version: string;
}

/** A field that nothing defines any longer. */
export interface RetiredField {
  /** As it stood when it was retired, `retired: true`. */
  readonly field: FieldModel;
  /** Language → its last title; `field.title` where a language has none. */
  readonly titles: Readonly<Record<string, string>>;
  /** Roles that could not read it; null: not known, so that only administrators may. */
  readonly hiddenFrom: readonly string[] | null;
}

/** The fold of all layers at one epoch. Immutable. */
export interface Catalog {
  readonly epoch: number;
  readonly schema: SchemaModel;
  readonly layers: readonly Layer[];
  /** Effective definitions by type, then id. */
  definitions(type: string): ReadonlyMap<string, Definition>;
  /** The same document with its texts in a language (falls back to the document's own). */
  localized(definition: Definition, locale: string): Readonly<Record<string, unknown>>;
  /** All texts that layers give a definition, or a plugin (`plugin`), in a language: JSON Pointer → text; empty where there are none. */
  textsOf(type: string, id: string, locale: string): Readonly<Record<string, string>>;
  /** Languages that any layer translates into, `en` first. */
  readonly locales: readonly string[];
  /** Fields of an entity that nothing defines any longer, but whose data and history stand. */
  retiredFields(entity: string): readonly RetiredField[];
  /** Origin of the value at a JSON Pointer of a definition; null where nothing stands. */
  provenance(type: string, id: string, pointer: string): Provenance | null;
  /** All origins of a definition: pointer → origin, wherever it differs from that of what is above. */
  origins(type: string, id: string): ReadonlyMap<string, Provenance>;
}

/** What a plugin keeps in the database. */
export interface Holdings {
  readonly entities: readonly { readonly entity: string; readonly table: string; readonly rows: number }[];
  /** Fields on entities of others; `rows`: how many records hold a value. */
  readonly fields: readonly { readonly entity: string; readonly field: string; readonly rows: number }[];
}

/** What applying layers of plugins would do. */
export interface LayersPlan {
  readonly statements: readonly PlannedStatement[];
  /** Property by property, before and after, of the effective definitions. */
  readonly diff: readonly DefinitionDiff[];
  /** Conflicts with changes of the workspace that it would raise. */
  readonly conflicts: readonly UpgradeConflict[];
}

/** Holds the current catalog and replaces it. */
export interface CatalogService {
  /** Throws catalog.not_loaded before the first load, and what `suspend` was given. */
  readonly current: Catalog;
  /** Reads the layers from the database again and folds them; returns the new catalog. Concurrent calls share one reload. */
  reload(): Promise<Catalog>;
  /** Reloads where this node is behind the epoch, as a statement found it in the database; `suspend` stands. */
  reach(epoch: number): Promise<void>;
  /**
   * Stores the layers, creates or extends the tables, bumps the epoch; one transaction under the exclusive catalog lock.
   * Does nothing where all hashes are equal. Index builds on filled tables go to a durable job; where values of large tables
   * change their kind they are copied first, beside writers, so that it may take minutes.
   */
  apply(layers: readonly Layer[]): Promise<{ changed: boolean; statements: readonly string[] }>;
  /**
   * Brings the tables to what this version makes of the catalog, where another one made them: new indexes, other functions of
   * rollups. One short question where it was this one. What cannot be had is logged; nothing is thrown for it.
   */
  mend(): Promise<void>;
  /** What `apply` would do; changes nothing. Throws what `apply` throws. */
  planLayers(layers: readonly Layer[]): Promise<LayersPlan>;
  /** Tables and columns that hold a plugin's data, with the number of rows; of a plugin that is applied or retired. */
  holdings(plugin: string): Promise<Holdings>;
  /** Drops them, with history and import notes. The plugin must not be among the layers. Keys and ids are free again, for new data. */
  purge(plugin: string): Promise<void>;
  /** From now on `current` throws this, so that nothing is read or written on this node; null: it may again. */
  suspend(reason: TrellisError | null): void;
  onChange(listener: (catalog: Catalog) => void): void;
}

/** Why a document cannot be part of the catalog, beyond its own shape: an unknown name, an expression that does not check. */
export interface CatalogProblem {
  readonly plugin: string;
  readonly type: string;
  readonly id: string;
  /** JSON Pointer into the document. */
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}
