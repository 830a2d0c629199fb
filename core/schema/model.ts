import type { ExprType } from '../expression/index.js';
import type { FieldKind } from './kinds/kind.js';

/** One choice of a choice, multiChoice or tags field. */
export interface OptionModel {
  readonly value: string;
  readonly title: string;
  /** A name of the option palette: gray, red, orange, amber, yellow, green, teal, cyan, blue, indigo, violet, pink. */
  readonly color?: string;
  readonly retired?: boolean;
}

/** A field of the effective catalog, ready for use. Immutable. */
export interface FieldModel {
  readonly key: string;
  /** Entity id that the field stands on. */
  readonly entity: string;
  /** Workspace-local id to which history and permissions are bound. */
  readonly uuid: string;
  readonly kind: FieldKind;
  readonly title: string;
  readonly help?: string;
  readonly required: boolean;
  /** Set by the kernel only (`createdAt`, `version` …). */
  readonly system: boolean;
  readonly readOnly: boolean;
  readonly unique: boolean;
  readonly searchable: boolean;
  /** Asked for an index explicitly (true/false), or undefined: the kind's policy decides. */
  readonly index?: boolean;
  readonly default?: unknown;
  readonly options: readonly OptionModel[];
  /** Targets of link, links, anyLink, user, file. Empty for others; anyLink may have `['*']`. */
  readonly to: readonly string[];
  readonly onDelete: 'restrict' | 'setNull' | 'cascade';
  /** Key under which the target shows its related list. */
  readonly inverse?: string;
  /** Labels of a links field, e.g. `employee`, `advisor`. */
  readonly labels: readonly OptionModel[];
  /** Hidden unless asked; a retired field keeps its data. */
  readonly retired: boolean;
  /** The property as written (JSON Schema keywords: maxLength, minimum, pattern, and `x-field`). */
  readonly schema: Readonly<Record<string, unknown>>;
  /** The `x-field` object as written. */
  readonly x: Readonly<Record<string, unknown>>;
}

/** An entity of the effective catalog, ready for use. Immutable. */
export interface EntityModel {
  readonly id: string;
  readonly uuid: string;
  readonly plugin: string;
  readonly title: string;
  readonly titlePlural: string;
  readonly icon: string;
  readonly description?: string;
  /** Qualified and quoted, e.g. `data."contacts__company"`. */
  readonly table: string;
  /** Unqualified table name, for DDL and index names. */
  readonly tableName: string;
  /** Own and system fields, in order; retired ones included. */
  readonly fields: ReadonlyMap<string, FieldModel>;
  readonly titleField: string;
  /** `principal`: has an owner. `none`: everybody's (reference data). */
  readonly ownership: 'principal' | 'none';
  /** Sort of lists that ask for none, e.g. `['-createdAt']`. */
  readonly defaultSort: readonly string[];
  readonly rules: readonly EntityRule[];
  /** Explicit indexes and uniques, by field key. */
  readonly indexes: readonly (readonly string[])[];
  readonly unique: readonly (readonly string[])[];
  /** To-one, to-many and any links of other entities that point here and name an inverse. */
  readonly inverses: readonly InverseModel[];
  /** Not listed in navigation, import or palette (join-like kernel entities). */
  readonly hidden: boolean;
}

export interface EntityRule {
  readonly id: string;
  /** CEL; absent: always. */
  readonly when?: string;
  /** CEL that must be true. */
  readonly check: string;
  /** Language → text. */
  readonly message: Readonly<Record<string, string>>;
  /** Field beside which the message is shown. */
  readonly field?: string;
}

export interface InverseModel {
  /** Key on the target entity. */
  readonly key: string;
  readonly title: string;
  /** The pointing entity and field. */
  readonly entity: string;
  readonly field: string;
}

/** All entities of one catalog epoch. */
export interface SchemaModel {
  readonly entities: ReadonlyMap<string, EntityModel>;
}

/** Type of a field as expressions see it. */
export type FieldExprType = ExprType;
