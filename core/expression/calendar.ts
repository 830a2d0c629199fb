import type { ExprDate, ExprInstant } from './types.js';

const dayMs = 86_400_000;
/** 0001-01-01 and the end of 9999-12-31: beyond, a date is null. */
const firstDay = dayNumber(1, 1, 1);
const lastDay = dayNumber(9999, 12, 31);

/** `YYYY-MM-DD` of the years 0001–9999, or null. Twin: `trellis.expr_date(text)`. */
export function parseDate(text: string): ExprDate | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return match === null ? null : makeDate(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** The date of year, month and day, or null where there is no such day. Twin: `trellis.expr_date(numeric, numeric, numeric)`. */
export function makeDate(year: number, month: number, day: number): ExprDate | null {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return { date: `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}` };
}

/** Days since 1970-01-01. */
export function toDays(date: ExprDate): number {
  const { year, month, day } = dateParts(date);
  return dayNumber(year, month, day);
}

/** The date of a day number, or null outside the years 0001–9999. */
export function fromDays(days: number): ExprDate | null {
  if (days < firstDay || days > lastDay) return null;
  const at = new Date(days * dayMs);
  return makeDate(at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate());
}

export function dateParts(date: ExprDate): { year: number; month: number; day: number } {
  const [year, month, day] = date.date.split('-').map(Number);
  return { year, month, day };
}

/** Adds calendar months; the day is held within the month (31 January + 1 → 28 or 29 February). Null outside the years. */
export function addMonths(date: ExprDate, months: number): ExprDate | null {
  const { year, month, day } = dateParts(date);
  const index = year * 12 + (month - 1) + months;
  const newYear = Math.floor(index / 12);
  const newMonth = index - newYear * 12 + 1;
  return newYear < 1 || newYear > 9999
    ? null
    : makeDate(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)));
}

/** The instant, or null outside the years 0001–9999 (UTC). */
export function instant(ms: number): ExprInstant | null {
  return Number.isFinite(ms) && ms >= firstDay * dayMs && ms < (lastDay + 1) * dayMs ? { ms } : null;
}

/** `2024-05-01T10:00:00Z`, with any offset, seconds optional, or null. Without an offset: `local` (see `localInstant`). */
export function parseInstant(text: string): { ms: number } | { local: number } | null {
  const match =
    /^(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/i.exec(
      text,
    );
  const date = match && parseDate(match[1]);
  if (!match || !date) return null;
  const [, , hour, minute, second = '0', fraction = '0', zone] = match;
  const local =
    toDays(date) * dayMs +
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 +
    Number(fraction.padEnd(3, '0').slice(0, 3));
  if (zone === undefined) return { local };
  if (zone.toUpperCase() === 'Z') return { ms: local };
  const offset = (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * 60_000;
  return { ms: zone.startsWith('-') ? local + offset : local - offset };
}

/** The calendar date of an instant in a zone. Twin: `(t at time zone zone)::date`. */
export function dateOf(at: ExprInstant, zone: string): ExprDate | null {
  return fromDays(Math.floor((at.ms + zoneOffset(at.ms, zone)) / dayMs));
}

/** Midnight at which a date starts in a zone. Twin: `d::timestamp at time zone zone`. */
export function startOfDay(date: ExprDate, zone: string): ExprInstant {
  return { ms: localInstant(toDays(date) * dayMs, zone) };
}

/** Adds calendar months in a zone, keeping the local time of day. */
export function addMonthsAt(at: ExprInstant, months: number, zone: string): ExprInstant | null {
  const local = at.ms + zoneOffset(at.ms, zone);
  const days = Math.floor(local / dayMs);
  const from = fromDays(days);
  const to = from && addMonths(from, months);
  return to && instant(localInstant(toDays(to) * dayMs + (local - days * dayMs), zone));
}

/**
 * The instant of a local time (ms as if it were UTC). As PostgreSQL has it: a time that the clocks skip is read with the
 * offset before the change, one that they show twice means the second time.
 */
export function localInstant(local: number, zone: string): number {
  const before = zoneOffset(local - dayMs, zone);
  const after = zoneOffset(local + dayMs, zone);
  if (before === after) return local - after;
  const second = local - after;
  return zoneOffset(second, zone) === after ? second : local - before;
}

/** ISO 8601 in UTC with milliseconds. */
export function formatInstant(at: ExprInstant): string {
  return new Date(at.ms).toISOString();
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Local time minus UTC in ms at an instant. */
function zoneOffset(ms: number, zone: string): number {
  if (zone === 'UTC') return 0;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(ms)) part[type] = value;
  const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year);
  const local =
    dayNumber(year, Number(part.month), Number(part.day)) * dayMs +
    ((Number(part.hour) * 60 + Number(part.minute)) * 60 + Number(part.second)) * 1000;
  return local - Math.floor(ms / 1000) * 1000;
}

function dayNumber(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) / dayMs;
}

function daysInMonth(year: number, month: number): number {
  return month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
