import type { ExprType } from '../../expression/index.js';
import type { FieldModel } from '../model.js';

/** A real column. */
export interface ColumnSpec {
  /** Column name, from `columnName(field.key)` or a suffixed form of it. */
  readonly name: string;
  /** PostgreSQL type, e.g. `text`, `numeric(38,12)`, `uuid`. Text columns get collation "C" from the kind's type string (`text collate "C"`). */
  readonly type: string;
}

/** What coercing text (import) or loose input needs. */
export interface CoerceEnv {
  /** Default region for phones, ISO 3166-1 alpha-2. */
  readonly region: string;
  /** IANA zone for date-times without an offset. */
  readonly zone: string;
  /** Order of day and month where a date is ambiguous: `dmy`, `mdy` or `ymd`. */
  readonly dateOrder: 'dmy' | 'mdy' | 'ymd';
  readonly decimalSeparator: '.' | ',';
}

/** Either a value in API form, or why the text is none. */
export type Coerced =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly params?: Record<string, unknown> };

/** How a value is shown and sorted when only its SQL is known: formulas, and rollups over visible rows. */
export interface ValueSql {
  /** PostgreSQL's type of it. */
  readonly type: string;
  /** SQL of the API form for `row_to_json`. */
  show(value: string): string;
  /** SQL to sort by. */
  sort(value: string, collation: string): string;
}

export type AggregateFn = 'count' | 'countDistinct' | 'sum' | 'avg' | 'min' | 'max';

/**
 * A field kind answers for itself. Adding a kind = one file here that exports one of these, and one widget in admin-ui.
 * "API form" is the JSON of requests and answers; "column form" is what goes into `json_to_recordset`.
 */
export interface FieldKind {
  readonly id: string;
  /** How the field points at other records: to one, to many over a join table, or to one of any entity. Absent: it does not. */
  readonly relation?: 'one' | 'many' | 'any';
  /** Fields of the target that a link of this kind always shows beside id and title, e.g. size and mediaType of a file. */
  readonly linkFields?: readonly string[];
  /** The value is kept encrypted: it goes in sealed, comes out as `{ set: true }`, and is in no history, export or search. */
  readonly sealed?: boolean;
  /** What is done with a value that is computed instead of stored, over its SQL; absent: no formula gives such a value. */
  readonly ofSql?: ValueSql;
  /** Type in expressions. */
  exprType(field: FieldModel): ExprType;
  /** Columns in the entity's table; none where the values live elsewhere (links). */
  columns(field: FieldModel): readonly ColumnSpec[];
  /** JSON Schema (2020-12) of the written API form, without null; required and null are handled by the caller. */
  valueSchema(field: FieldModel): Record<string, unknown>;
  /** JSON Schema of the read API form, for OpenAPI; absent: same as `valueSchema`. */
  readSchema?(field: FieldModel): Record<string, unknown>;
  /** Brings loose but valid API input into the one canonical API form (trim, lower-case mail, E.164, link object → id …). Refuses with a Coerced problem. Never called with null. */
  normalize(value: unknown, field: FieldModel, env: CoerceEnv): Coerced;
  /** Canonical API form (or null) → column name → column form. */
  encode(value: unknown, field: FieldModel): Record<string, unknown>;
  /** SQL expression of the API form for `row_to_json`, over columns prefixed with `alias.`; links are handled by query (they need joins) and return their id column here. */
  select(field: FieldModel, alias: string): string;
  /** SQL of the value as expressions see it (type `exprType`), over columns prefixed with `alias.`; `member` is the path inside an object value (`['city']`). */
  exprSql(field: FieldModel, alias: string, member: readonly string[]): string;
  /** What who may only know that there is a value is shown of it, over the SQL of its column; absent: nothing. */
  mask?(value: string): string;
  /** SQL to sort by, or null where the kind cannot be sorted. `collation` is the display collation, e.g. `"zh-x-icu"`. */
  sortSql(field: FieldModel, alias: string, collation: string): string | null;
  /** PostgreSQL type of `sortSql`, to cast cursor values to, e.g. `text`, `numeric`, `timestamptz`. */
  sortType(field: FieldModel): string;
  /** Column SQL (over `alias.`) that an equality or range index `(…, createdAt desc, id)` is made on, or null: no index by policy. */
  indexSql(field: FieldModel): string | null;
  /** SQL text (over `alias.`) whose grams are searched by `q`, or null where the kind is not searchable. */
  searchSql(field: FieldModel, alias: string): string | null;
  /** Column that holds the currency of an amount, for kinds that have one: such amounts add up within one currency only. */
  currencyColumn?(field: FieldModel): string;
  /** SQL of the value at insert, for values that the server counts out of `sequence` (quoted, qualified). Such a kind is never written by clients. */
  insertSql?(field: FieldModel, sequence: string): string;
  /** Aggregates that make sense on it. */
  aggregates(field: FieldModel): readonly AggregateFn[];
  /** SQL of the value to group by, or null where it cannot be grouped. */
  groupSql(field: FieldModel, alias: string): string | null;
  /** Operators that the condition builder offers, in order: ids of `expression/operators.ts`. */
  operators(field: FieldModel): readonly string[];
  /** Text of an import cell → canonical API form; empty text never comes here. */
  coerce(text: string, field: FieldModel, env: CoerceEnv): Coerced;
  /** Read API form (not null) → text of an export cell, such that `coerce(format(v))` gives v again. */
  format(value: unknown, field: FieldModel): string;
  /** Worst-case bytes in the row, for the planner of overflow tables. */
  width(field: FieldModel): number;
  /** Widget of admin-ui that serves it by default. */
  readonly widget: string;
  /** A random valid API-form value for tests and the shared list of cases: valid and invalid samples. */
  readonly cases: KindCases;
}

/** The shared list of cases: every kind brings its own, one suite runs them all. */
export interface KindCases {
  /** Extra `x-field`/schema keywords that the cases need, e.g. options. */
  readonly schema?: Record<string, unknown>;
  /** Input in API form → canonical form (`same`: unchanged). */
  readonly valid: readonly { readonly input: unknown; readonly canonical?: unknown }[];
  readonly invalid: readonly unknown[];
  /** Import text → canonical form, or a problem code. */
  readonly texts: readonly { readonly text: string; readonly value?: unknown; readonly problem?: string }[];
}
