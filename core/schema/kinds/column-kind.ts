import type { ExprType } from '../../expression/index.js';
import type { FieldModel } from '../model.js';
import { columnName, quoteName } from '../names.js';
import type { AggregateFn, Coerced, FieldKind } from './kind.js';

/** What a kind with one column must say; everything else of `FieldKind` may be overridden. */
export interface ColumnKindSpec extends Partial<FieldKind> {
  readonly id: string;
  readonly pgType: string;
  readonly expr: ExprType;
  /** Worst-case bytes in the row. */
  readonly bytes: number;
  /** Indexed without being asked; absent: only where the field asks. */
  readonly indexed?: boolean;
  /** Its text may be searched by `q`. */
  readonly searched?: boolean;
  readonly collated?: boolean;
  readonly sorted?: boolean;
  /** SQL of the API form over the SQL of the value; absent: as it is. */
  readonly show?: (value: string) => string;
  /** False for values that compare with nothing: neither grouped nor indexed. */
  readonly grouped?: boolean;
  readonly measures?: readonly AggregateFn[];
  readonly ops: readonly string[];
  readonly widget: string;
  readonly valueSchema: FieldKind['valueSchema'];
  readonly normalize: FieldKind['normalize'];
  readonly coerce: FieldKind['coerce'];
  readonly format: FieldKind['format'];
  readonly cases: FieldKind['cases'];
}

/** A kind whose value sits in one column of its own, in the column's natural JSON form. */
export function columnKind(spec: ColumnKindSpec): FieldKind {
  const {
    pgType,
    expr,
    bytes,
    indexed = false,
    searched = false,
    collated = false,
    sorted = true,
    show = (value) => value,
    grouped = true,
    measures = ['count', 'countDistinct'],
    ops,
    ...overrides
  } = spec;
  const type = pgType.split(' collate ')[0];
  const sort = (value: string, collation: string): string => (collated ? `${value} collate ${collation}` : value);
  return {
    exprType: () => expr,
    columns: (field) => [{ name: columnName(field.key), type: pgType }],
    encode: (value, field) => ({ [columnName(field.key)]: value ?? null }),
    select: (field, alias) => show(columnSql(field, alias)),
    exprSql: columnSql,
    sortSql: (field, alias, collation) => (sorted ? sort(columnSql(field, alias), collation) : null),
    sortType: () => type,
    ofSql: { type, show, sort },
    indexSql: (field) => (grouped ? indexedColumn(field, indexed) : null),
    searchSql: (field, alias) => (searched ? columnSql(field, alias) : null),
    aggregates: () => measures,
    groupSql: (field, alias) => (grouped ? columnSql(field, alias) : null),
    operators: () => ops,
    width: () => bytes,
    ...overrides,
  };
}

/** The field's column over an alias, quoted. */
export function columnSql(field: FieldModel, alias: string): string {
  return `${alias}.${quoteName(columnName(field.key))}`;
}

/** The bare column for an index by policy; unique fields have an index of their own. */
export function indexedColumn(field: FieldModel, policy: boolean, name: string = columnName(field.key)): string | null {
  return !field.unique && (field.index ?? policy) ? quoteName(name) : null;
}

/** The JSON-Schema keywords that a field's author may narrow its kind with. */
export function narrowed(
  field: FieldModel,
  base: Record<string, unknown>,
  keywords: readonly string[],
): Record<string, unknown> {
  const schema: Record<string, unknown> = { ...base };
  for (const keyword of keywords) if (field.schema[keyword] !== undefined) schema[keyword] = field.schema[keyword];
  return schema;
}

export function ok(value: unknown): Coerced {
  return { ok: true, value };
}

/** A refusal with a dotted code; `message` is English, for people. */
export function refuse(code: string, message: string, params?: Record<string, unknown>): Coerced {
  return { ok: false, code, message, ...(params ? { params } : {}) };
}

/** Why PostgreSQL or JSON cannot carry a text, or null: a NUL character, half a surrogate pair. */
export function textProblem(text: string): Coerced | null {
  if (text.includes('\0')) return refuse('field.nul', 'The text holds a NUL character, which cannot be stored.');
  if (/\p{Surrogate}/u.test(text))
    return refuse('field.surrogate', 'The text holds half a surrogate pair, which is no character.');
  return null;
}

/** Characters that an index entry surely holds: four bytes each, of 2,700 in all. */
export const longestIndexed = 600;

/** Bytes of a text-like value in the row at worst: longer ones move out of line. */
export const textBytes = 24;
