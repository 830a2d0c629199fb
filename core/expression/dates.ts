import { addMonths, addMonthsAt, fromDays, instant, toDays } from './calendar.js';
import { Num, toInteger, type Decimal } from './decimal.js';
import type { ExprDate, ExprInstant } from './types.js';

/** More days or months than this leave the years 0001–9999 from anywhere. */
export const mostDays = 4_000_000;
export const mostMonths = 120_000;

/** Whole days later; null outside the years 0001–9999. Twin: `trellis.expr_add_days(date, numeric)`. */
export function addDays(date: ExprDate, days: Decimal): ExprDate | null {
  return fromDays(toDays(date) + toInteger(days, mostDays));
}

/** Whole days of 24 hours later. Twin: `trellis.expr_add_days(timestamptz, numeric)`. */
export function addDaysAt(at: ExprInstant, days: Decimal): ExprInstant | null {
  return instant(at.ms + toInteger(days, mostDays) * 86_400_000);
}

/** Whole calendar months later. Twin: `trellis.expr_add_months(date, numeric)`. */
export function addWholeMonths(date: ExprDate, months: Decimal): ExprDate | null {
  return addMonths(date, toInteger(months, mostMonths));
}

/** Whole calendar months later at the same local time. Twin: `trellis.expr_add_months(timestamptz, numeric, text)`. */
export function addWholeMonthsAt(at: ExprInstant, months: Decimal, zone: string): ExprInstant | null {
  return addMonthsAt(at, toInteger(months, mostMonths), zone);
}

/** a − b in days. */
export function differenceInDays(a: ExprDate, b: ExprDate): Decimal {
  return new Num(toDays(a) - toDays(b));
}
