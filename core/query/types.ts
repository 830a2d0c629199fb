import type { CheckedExpression } from '../expression/index.js';
import type { EntityModel, FieldModel, SchemaModel } from '../schema/index.js';

declare const scopedBrand: unique symbol;

/** Which rows of an entity an actor may read or write. */
export type RowScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  /** Rows owned by one of the principals, or for which `when` is true. */
  | { readonly kind: 'owned'; readonly principals: readonly string[]; readonly when: CheckedExpression | null };

/** An entity as one actor may read it: a row predicate and a field set. Only `access/` makes one. */
export interface Scoped {
  readonly [scopedBrand]: true;
  readonly entity: EntityModel;
  readonly rows: RowScope;
  /** Readable fields; what is absent does not exist for the actor. */
  readonly fields: ReadonlyMap<string, 'read' | 'edit'>;
}

/** What statements are compiled against; made by `access/` for one actor and one catalog. */
export interface QueryEnv {
  readonly schema: SchemaModel;
  /** The actor's scope of a linked entity, or null where it may read none of it. */
  readonly scopeOf: (entity: string) => Scoped | null;
  /** The same without limits, for values that are declared to be computed by the system. */
  readonly asSystem: QueryEnv;
  /** Entities whose condition on rows is being judged; absent: none. */
  readonly judged?: ReadonlySet<string>;
  /** The rows are those of an earlier instant: kept totals do not count, and pairs of to-many links stand in these relations. Absent: the present. */
  readonly past?: { readonly pairsOf: (field: FieldModel) => string };
  readonly now: Date;
  readonly zone: string;
  /** The acting user's id, or null. */
  readonly me: string | null;
  /** Quoted name of the display collation, e.g. `"und-x-icu"`. */
  readonly collation: string;
  /** Key material (32 bytes) by which cursors are encrypted. */
  readonly cursorKey: Uint8Array;
  /** Adds the columns that prove catalog and credential are still those the statement was made for. */
  readonly guard: (sql: SqlValues) => string;
}

/** Collects parameter values while SQL is put together. */
export interface SqlValues {
  /** Adds a value and returns its placeholder, cast where a type is given: `$3::uuid`. */
  param(value: unknown, type?: string): string;
}
