import type { CheckedExpression } from '../expression/index.js';
import type { EntityModel, FieldModel, SchemaModel } from '../schema/index.js';

declare const scopedBrand: unique symbol;

/** masked: a few characters of it are seen, and nothing can be asked of it. */
export type FieldLevel = 'masked' | 'read' | 'edit';

/** Which rows of an entity an actor may read or write. */
export type RowScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  /** Rows of any part, of which each condition of `only` is true. */
  | { readonly kind: 'some'; readonly parts: readonly RowPart[]; readonly only: readonly RowLimit[] };

/** A way by which rows reach the actor, and what it shows of them. */
export interface RowPart {
  readonly why: PartWhy;
  readonly rows: PartRows;
  /** One object for all parts that show the same. */
  readonly fields: ReadonlyMap<string, FieldLevel>;
}

/** `id`: of the role or sharing rule. */
export interface PartWhy {
  readonly kind: 'role' | 'ownership' | 'hierarchy' | 'default' | 'parent' | 'rule' | 'share';
  readonly id?: string;
}

/** Owned by users of a role, by a team, by a territory or one below it, or by a member of one (by name). `until`: not from that instant on. */
export interface HolderRows {
  readonly by: 'holders';
  readonly roles: readonly string[];
  readonly teams: readonly string[];
  readonly territories: readonly string[];
  readonly until?: string;
}

export type PartRows =
  | { readonly by: 'all' }
  /** Owned by one of the principals. */
  | { readonly by: 'owners'; readonly principals: readonly string[] }
  /** Owned by whom reports to the user, at any depth. */
  | { readonly by: 'reports'; readonly superior: string }
  | HolderRows
  /** Shared one by one with one of the principals. */
  | { readonly by: 'shared'; readonly principals: readonly string[]; readonly level: 'read' | 'edit' }
  /** Of which the condition is true. Of a rule it is judged as the system sees the record; of a role over rows that the reader sees. */
  | {
      readonly by: 'when';
      readonly expression: CheckedExpression;
      readonly asSystem: boolean;
      readonly until?: string;
    }
  /** Whose link of that key points into the other scope. */
  | { readonly by: 'parent'; readonly link: FieldModel; readonly scope: Scoped };

/** A restriction rule; null: it does not check, and nothing is left. */
export interface RowLimit {
  readonly id: string;
  readonly expression: CheckedExpression | null;
}

/** An entity as one actor may read it: a row predicate and a field set. Only `access/` makes one. */
export interface Scoped {
  readonly [scopedBrand]: true;
  readonly entity: EntityModel;
  readonly rows: RowScope;
  /** Readable fields; what is absent does not exist for the actor. */
  readonly fields: ReadonlyMap<string, FieldLevel>;
}

/** What statements are compiled against; made by `access/` for one actor and one catalog. */
export interface QueryEnv {
  readonly schema: SchemaModel;
  /** The actor's scope of a linked entity, or null where it may read none of it. */
  readonly scopeOf: (entity: string) => Scoped | null;
  /** The same without limits, for values that are declared to be computed by the system. */
  readonly asSystem: QueryEnv;
  /** The system's scope of an entity, for conditions that administrators wrote; null where there is no such entity. */
  readonly wholeOf: (entity: string) => Scoped | null;
  /** Entities whose condition on rows is being judged; absent: none. */
  readonly judged?: ReadonlySet<string>;
  /** The rows are those of an earlier instant: kept totals do not count, and pairs of to-many links stand in these relations. Absent: the present. */
  readonly past?: { readonly pairsOf: (field: FieldModel) => string };
  /** Single shares and rules with an end count only where they last at least until then (null: without an end). Absent: those that count now. */
  readonly sharesLast?: Date | null;
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
