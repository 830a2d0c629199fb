import type { CheckedExpression, ExprType } from '../expression/index.js';
import type { AggregateFn, FieldKind } from './kinds/kind.js';

/** One choice of a choice, multiChoice or tags field. */
export interface OptionModel {
  readonly value: string;
  readonly title: string;
  /** A name of the option palette: gray, red, orange, amber, yellow, green, teal, cyan, blue, indigo, violet, pink. */
  readonly color?: string;
  readonly retired?: boolean;
}

/** What a field tells about a person: nothing, something, something that its readers answer for. */
export type Sensitivity = 'normal' | 'personal' | 'sensitive';

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
  /** `personal` says something about a person, `sensitive` also wants each of its readings told; the kernel's own fields are `normal`. */
  readonly sensitivity: Sensitivity;
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
  /** Of a formula, made by `resolveComputed`. */
  readonly formula?: FormulaModel;
  /** Of a rollup, made by `resolveComputed`. */
  readonly rollup?: RollupModel;
  /** Of lines, made by `resolveComputed`. */
  readonly lines?: LinesModel;
  /** When the field is shown, must be filled in, cannot be changed; absent: always, as `required` says, as `readOnly` says. */
  readonly conditions?: FieldConditions;
  /** The property as written (JSON Schema keywords: maxLength, minimum, pattern, and `x-field`). */
  readonly schema: Readonly<Record<string, unknown>>;
  /** The `x-field` object as written. */
  readonly x: Readonly<Record<string, unknown>>;
}

/** A field of an entity, by its names. */
export interface FieldRef {
  readonly entity: string;
  readonly field: string;
}

/** A value that is computed in the statement that reads it. */
export interface FormulaModel {
  /** Kind of the result. */
  readonly returns: FieldKind;
  /** Checked; a number is rounded to its places and null beyond 15 digits. */
  readonly expression: CheckedExpression;
  /** Shown also to those who may not read all inputs; computed over what the system sees. */
  readonly systemComputed: boolean;
  /** The fields that its text names, those of links on the way too. Other formulas stand here themselves, not their inputs. */
  readonly reads: readonly FieldRef[];
  /** It, or a formula that it uses, reads fields of other records. */
  readonly followsLinks: boolean;
  /** It, or a formula that it uses, reads rollups or lines, which stand only after the write. */
  readonly readsChildren: boolean;
  /** Needs no time, zone or user: its literals may stand in the statement's text, so that an index over it serves. */
  readonly isPure: boolean;
  /** Expression (over the table's name) for an index; null where it is not asked for. */
  readonly indexSql: string | null;
  /** The money field, or rollup of amounts, whose currency its amount has, where there is one. */
  readonly currencyOf?: string;
}

/** A value over the records that point here by one link, kept in a column by triggers of the database. */
export interface RollupModel {
  /** The pointing entity and its link. */
  readonly entity: string;
  readonly link: string;
  readonly fn: Exclude<AggregateFn, 'countDistinct'>;
  /** The pointing entity's field that is computed of; absent: count. */
  readonly field?: string;
  /** CEL over the pointing entity's own stored fields. */
  readonly filter?: string;
  /** The same, checked. */
  readonly condition?: CheckedExpression;
  /** Kind of the result. */
  readonly returns: FieldKind;
  /** It is of amounts, which stand in a currency each. */
  readonly money: boolean;
  /** The field is not the rollup itself but the currency beside it. */
  readonly isCurrency?: true;
  /** The entity has a field of its own under the key of that currency, so that the currency is not shown. */
  readonly isCurrencyTaken?: true;
  /** Shown as kept to everybody; otherwise who does not see all pointing records gets it computed over those it sees. */
  readonly systemComputed: boolean;
  readonly reads: readonly FieldRef[];
}

/** Child records that are read and written inside their parent. */
export interface LinesModel {
  readonly entity: string;
  /** The child's link to the parent. */
  readonly link: string;
  /** The child's whole number by which they are ordered; absent: by creation. */
  readonly position?: string;
}

/** A condition over the record. */
export interface FieldCondition {
  readonly source: string;
  readonly expression: CheckedExpression;
  /** Reads what only the database knows: fields of other records. */
  readonly followsLinks: boolean;
}

export interface FieldConditions {
  readonly show?: FieldCondition;
  readonly require?: FieldCondition;
  readonly readOnly?: FieldCondition;
}

/** A table that holds columns for which a row of the entity's own has no room; one row a record at most. */
export interface OverflowTable {
  /** Qualified and quoted. */
  readonly table: string;
  /** Its key column, the id of the record. */
  readonly key: string;
  readonly columns: ReadonlySet<string>;
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
  /** Relation with all columns, for reading: `table`, or its join with the overflow tables. */
  readonly source: string;
  /** Further tables in which some of its columns stand; none of most entities. */
  readonly overflow: readonly OverflowTable[];
  /** Own and system fields, in order; retired ones included. */
  readonly fields: ReadonlyMap<string, FieldModel>;
  readonly titleField: string;
  /** `principal`: has an owner. `none`: everybody's (reference data). */
  readonly ownership: 'principal' | 'none';
  /** What reaches everybody whose roles permit it, before anything is shared. */
  readonly access: EntityAccess;
  /** Sort of lists that ask for none, e.g. `['-createdAt']`. */
  readonly defaultSort: readonly string[];
  readonly rules: readonly EntityRule[];
  /** Explicit indexes and uniques, by field key. */
  readonly indexes: readonly (readonly string[])[];
  readonly unique: readonly (readonly string[])[];
  /** Conditions by which sharing rules and roles reach its records; absent: none. */
  readonly criteria?: readonly CheckedExpression[];
  /** To-one, to-many and any links of other entities that point here and name an inverse. */
  readonly inverses: readonly InverseModel[];
  /** In their order, retired ones too; where there are some, the entity has a choice `recordType` of their ids. */
  readonly recordTypes: readonly RecordTypeModel[];
  /** Not listed in navigation, import or palette (join-like kernel entities). */
  readonly hidden: boolean;
  /** What its records have to do with people; absent: nothing. */
  readonly privacy?: PrivacyModel;
}

/** How records of an entity belong to people, and what becomes of them when such a person is erased. */
export interface PrivacyModel {
  /** A record is a person. */
  readonly subject: boolean;
  /** Keys of the links by which a record belongs to whom they lead to. */
  readonly of: readonly string[];
  readonly erase: 'delete' | 'anonymise' | 'keep';
  /** Of `keep`: why. */
  readonly keepReason?: string;
  /** Of `keep`: days since the record was made after which it is anonymised; absent: never. */
  readonly keepForDays?: number;
}

/** Default visibility; `parent`: what one may do with the record behind the link of that key. */
export type EntityAccess =
  { readonly default: 'private' | 'read' | 'edit' } | { readonly default: 'parent'; readonly parent: string };

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

/** A sort of records of an entity. */
export interface RecordTypeModel {
  readonly id: string;
  readonly entity: string;
  readonly title: string;
  readonly description?: string;
  readonly icon?: string;
  /** A name of the option palette. */
  readonly color?: string;
  readonly isDefault: boolean;
  readonly order: number;
  readonly retired: boolean;
  /** Choice or multiChoice → the options that records of this type may have; a field that is not here has all. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** Field → value of new records, as written through the API. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Id of the form in which its records are shown. */
  readonly form?: string;
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
