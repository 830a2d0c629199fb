import { formatInstant } from './calendar.js';
import { formatNumber, Num } from './decimal.js';
import { lowerAscii } from './order.js';
import type { Call, Sql } from './overload.js';
import type { ExprDate, ExprInstant, ExprType, ExprValue } from './types.js';

/** PostgreSQL's type for a type of the language. */
export function pgType(type: ExprType): string {
  return type.t === 'list' ? `${pgType(type.of)}[]` : names[type.t];
}

/** The text of a value as a parameter of its type (`pgType`). */
export function paramText(value: NonNullable<ExprValue>): string {
  if (value instanceof Num) return formatNumber(value);
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  return 'date' in value ? (value as ExprDate).date : formatInstant(value as ExprInstant);
}

/** True for a textual UUID: what a record's id can be. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/**
 * Both sides of a comparison. A whole constant against a field goes as bigint against the bare column: an index on an
 * integer column serves it, and one on a numeric column too (numeric against integer would be a cast of the column).
 */
export function sides(c: Call): [string, string] {
  for (const [field, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const whole = c.nodes[field].kind === 'path' ? wholeConstant(c, other) : null;
    if (whole === null) continue;
    const pair = [c.arg(field, 'raw'), c.env.param(whole, 'bigint')];
    return field === 0 ? [pair[0], pair[1]] : [pair[1], pair[0]];
  }
  return [c.arg(0), c.arg(1)];
}

/** A link field against a known id in the form that the environment has an index for, or null. */
export function linkEquals(c: Call, index: number, id: string): Sql | null {
  const link = c.nodes[index];
  if (link.kind !== 'path' || link.type.t !== 'record' || !isUuid(id)) return null;
  const sql = c.env.recordEquals?.(link.path, () => c.env.param(lowerAscii(id), 'uuid')) ?? null;
  return sql === null ? null : { sql, nullable: true };
}

/** Digits of a constant argument that is a whole number within bigint, or null. */
export function wholeConstant(c: Call, index: number): string | null {
  const value = c.constant(index);
  return value instanceof Num && value.isInteger() && value.abs().lt('9e18') ? value.toFixed() : null;
}

const names: Readonly<Record<Exclude<ExprType['t'], 'list'>, string>> = {
  text: 'text',
  number: 'numeric',
  boolean: 'boolean',
  date: 'date',
  dateTime: 'timestamptz',
  record: 'uuid',
  object: 'jsonb',
  json: 'jsonb',
  null: 'text',
};
