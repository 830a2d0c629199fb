import { boolean } from './boolean.js';
import { date } from './date.js';
import { dateTime } from './date-time.js';
import { decimal } from './decimal.js';
import { duration } from './duration.js';
import { integer } from './integer.js';
import { longText } from './long-text.js';
import { money } from './money.js';
import { percent } from './percent.js';
import { text } from './text.js';
import type { FieldModel } from '../model.js';
import { refuse } from './column-kind.js';
import type { Coerced, FieldKind, ValueSql } from './kind.js';

const all = [text, longText, boolean, integer, decimal, money, percent, duration, date, dateTime];
const byId: ReadonlyMap<string, FieldKind> = new Map(all.map((kind) => [kind.id, kind]));

/** The kind of a computed value by name; text where there is none such, which the definition's schema refuses. */
export function returnedKind(name: unknown): FieldKind {
  return byId.get(String(name)) ?? text;
}

/** How the values of a kind that can be computed are shown and sorted. */
export function valueSqlOf(kind: FieldKind): ValueSql {
  if (!kind.ofSql) throw new TypeError(`${kind.id} cannot be computed`);
  return kind.ofSql;
}

/** Nobody writes what is computed. */
export function notWritten(_value: unknown, field: FieldModel): Coerced {
  return refuse('field.read_only', `${field.title} is computed and cannot be set.`);
}
