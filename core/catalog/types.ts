import type { SchemaModel } from '../schema/index.js';

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

/** The fold of all layers at one epoch. Immutable. */
export interface Catalog {
  readonly epoch: number;
  readonly schema: SchemaModel;
  readonly layers: readonly Layer[];
  /** Effective definitions by type, then id. */
  definitions(type: string): ReadonlyMap<string, Definition>;
  /** The same document with its texts in a language (falls back to the document's own). */
  localized(definition: Definition, locale: string): Readonly<Record<string, unknown>>;
  /** Languages that any layer translates into, `en` first. */
  readonly locales: readonly string[];
  /** Origin of the value at a JSON Pointer of a definition; null where nothing stands. */
  provenance(type: string, id: string, pointer: string): Provenance | null;
}

/** Holds the current catalog and replaces it. */
export interface CatalogService {
  /** Throws catalog.not_loaded before the first load. */
  readonly current: Catalog;
  /** Reads the layers from the database again and folds them; returns the new catalog. Concurrent calls share one reload. */
  reload(): Promise<Catalog>;
  /**
   * Stores the layers, creates or extends the tables, bumps the epoch; one transaction under the exclusive catalog lock.
   * Does nothing where all hashes are equal. Index builds on filled tables go to a durable job.
   */
  apply(layers: readonly Layer[]): Promise<{ changed: boolean; statements: readonly string[] }>;
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
