import { Num } from './decimal.js';
import { compareText } from './text.js';
import type { ExprDate, ExprInstant, ExprValue } from './types.js';

/** Order of two values of one type: negative, zero, positive. Texts by code point, false before true, records by id. */
export function compareValues(a: NonNullable<ExprValue>, b: NonNullable<ExprValue>): number {
  if (a instanceof Num) return a.cmp(b as typeof a);
  if (typeof a === 'string') return compareText(a, b as string);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if ('date' in a) return compareText((a as ExprDate).date, (b as ExprDate).date);
  return (a as ExprInstant).ms - (b as ExprInstant).ms;
}

/** True for two ids of the same record, whatever their case. */
export function sameRecord(a: string, b: string): boolean {
  return lowerAscii(a) === lowerAscii(b);
}

/** Twin: `lower(text collate "C")`. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
