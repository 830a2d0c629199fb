import { formatInstant, instant, parseDate, parseInstant } from './calendar.js';
import { formatNumber, Num } from './decimal.js';
import type { ExprDate, ExprInstant, ExprType, ExprValue } from './types.js';

/** What a field holds in JSON as a value of its type; what is none of its type is null. */
export function fromJson(raw: unknown, type: ExprType): ExprValue {
  if (raw === null || raw === undefined) return null;
  if (type.t === 'list') return Array.isArray(raw) ? raw.map((item) => fromJson(item, type.of)) : null;
  return readers[type.t](raw);
}

/** A value as JSON: a number of up to 15 digits as a number, a longer one as text; dates and instants in ISO 8601. */
export function toJson(value: ExprValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Num)
    return value.precision(true) <= 15 && value.abs().lt('1e21') ? value.toNumber() : formatNumber(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (isDate(value)) return value.date;
  return isInstant(value) ? formatInstant(value) : value;
}

const readers: Readonly<Record<Exclude<ExprType['t'], 'list'>, (raw: unknown) => ExprValue>> = {
  text: (raw) => (typeof raw === 'string' ? raw : null),
  number: readNumber,
  boolean: (raw) => (typeof raw === 'boolean' ? raw : null),
  date: (raw) => (typeof raw === 'string' ? parseDate(raw) : null),
  dateTime: readInstant,
  record: readRecord,
  object: (raw) => raw as ExprValue,
  json: (raw) => raw as ExprValue,
  null: () => null,
};

function readNumber(raw: unknown): ExprValue {
  if (typeof raw === 'number') return Number.isFinite(raw) ? new Num(raw) : null;
  if (typeof raw === 'bigint') return new Num(raw.toString());
  return typeof raw === 'string' && /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(raw) ? new Num(raw) : null;
}

function readInstant(raw: unknown): ExprValue {
  if (raw instanceof Date) return instant(raw.getTime());
  const parsed = typeof raw === 'string' ? parseInstant(raw) : null;
  return parsed !== null && 'ms' in parsed ? instant(parsed.ms) : null;
}

/** A link is its id: written as such, or as `{id, title}`. */
function readRecord(raw: unknown): ExprValue {
  if (typeof raw === 'string') return raw;
  if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, 'id')) return null;
  const { id } = raw as { id: unknown };
  return typeof id === 'string' ? id : null;
}

function isDate(value: object): value is ExprDate {
  return 'date' in value && typeof value.date === 'string' && Object.keys(value).length === 1;
}

function isInstant(value: object): value is ExprInstant {
  return 'ms' in value && typeof value.ms === 'number' && Object.keys(value).length === 1;
}
