import type { CatalogField, FormatEnv } from '../meta/index.js';

/** A number with the separators of the locale; `scale` fixes the decimal places. Text that is no number comes back unchanged. */
export function formatNumber(value: unknown, env: FormatEnv, scale?: number): string {
  const number = Number(value);
  if (value === null || value === undefined || value === '') return '';
  if (!Number.isFinite(number)) return String(value);
  return numberFormat(env.locale, { minimumFractionDigits: scale ?? 0, maximumFractionDigits: scale ?? 12 }).format(
    number,
  );
}

/**
 * An amount with its currency: whole numbers without cents, everything else with the currency's own places; `short` for
 * where it would not fit: `¥3.47B`.
 */
export function formatMoney(value: unknown, currency: unknown, env: FormatEnv, short = false): string {
  if (value === null || value === undefined || value === '') return '';
  const number = Number(value);
  if (!Number.isFinite(number)) return String(value);
  const code = typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) ? currency : env.currency;
  if (short)
    return numberFormat(env.locale, {
      style: 'currency',
      currency: code,
      notation: 'compact',
      minimumFractionDigits: 0,
      maximumSignificantDigits: 3,
    }).format(number);
  const places = Number.isInteger(number) ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : {};
  return numberFormat(env.locale, { style: 'currency', currency: code, ...places }).format(number);
}

/** `12.5 %` in the locale's way; the value counts from 0 to 100. */
export function formatPercent(value: unknown, env: FormatEnv): string {
  if (value === null || value === undefined || value === '') return '';
  return numberFormat(env.locale, { style: 'percent', maximumFractionDigits: 4 }).format(Number(value) / 100);
}

/** A calendar date, `YYYY-MM-DD`, in the locale's middle length. No zone is involved. */
export function formatDate(value: unknown, env: FormatEnv): string {
  const parts = typeof value === 'string' ? /^(\d{4})-(\d{2})-(\d{2})/.exec(value) : null;
  if (!parts) return value === null || value === undefined ? '' : String(value);
  const day = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])));
  return dateFormat(env.locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(day);
}

/** The month of a date `YYYY-MM-…`, e.g. `March 2026`. */
export function formatMonth(value: unknown, env: FormatEnv): string {
  const parts = typeof value === 'string' ? /^(\d{4})-(\d{2})/.exec(value) : null;
  if (!parts) return '';
  const day = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, 1));
  return dateFormat(env.locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(day);
}

/** An instant in the reader's zone, e.g. `3 Mar 2026, 14:05`. */
export function formatDateTime(value: unknown, env: FormatEnv): string {
  const instant = asInstant(value);
  if (!instant) return value === null || value === undefined ? '' : String(value);
  return dateFormat(env.locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(env.zone ? { timeZone: env.zone } : {}),
  }).format(instant);
}

/** An instant of today in the reader's zone, e.g. `14:05`. */
export function formatTime(value: unknown, env: FormatEnv): string {
  const instant = asInstant(value);
  if (!instant) return '';
  return dateFormat(env.locale, { timeStyle: 'short', ...(env.zone ? { timeZone: env.zone } : {}) }).format(instant);
}

/** An instant relative to `now` up to a week away (`3 hours ago`), beyond that the date. */
export function formatRelative(value: unknown, env: FormatEnv, now: Date): string {
  const instant = asInstant(value);
  if (!instant) return '';
  const seconds = Math.round((instant.getTime() - now.getTime()) / 1000);
  const size = Math.abs(seconds);
  const relative = relativeFormat(env.locale);
  if (size < 45) return relative.format(0, 'second');
  if (size < 3600) return relative.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), 'hour');
  if (size < 7 * 86_400) return relative.format(Math.round(seconds / 86_400), 'day');
  return dateFormat(env.locale, { dateStyle: 'medium', ...(env.zone ? { timeZone: env.zone } : {}) }).format(instant);
}

/** Bytes in the largest unit that keeps the number above one, e.g. `1.4 MB`. */
export function formatBytes(size: unknown, env: FormatEnv): string {
  const bytes = Number(size);
  if (!Number.isFinite(bytes)) return '';
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1000)));
  return numberFormat(env.locale, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: 1,
  }).format(bytes / 1000 ** step);
}

/** Titles of a field's options for a value or values; a value that no option has stands for itself. */
export function optionTitles(field: CatalogField, value: unknown): string {
  const values = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
  return values.map((one) => field.options?.find((option) => option.value === one)?.title ?? String(one)).join(', ');
}

/** The name of a country (ISO 3166-1 alpha-2) in a language; the code itself where it is unknown. */
export function countryName(code: unknown, locale: string): string {
  if (typeof code !== 'string' || !/^[A-Za-z]{2}$/.test(code)) return typeof code === 'string' ? code : '';
  return new Intl.DisplayNames([locale], { type: 'region' }).of(code.toUpperCase()) ?? code;
}

function asInstant(value: unknown): Date | null {
  if (typeof value !== 'string' || value === '') return null;
  const instant = new Date(value);
  return Number.isNaN(instant.getTime()) ? null : instant;
}

// Making an Intl formatter costs ~50 µs; a list makes thousands of cells.
const cache = new Map<string, unknown>();
function cached<T>(key: string, make: () => T): T {
  const found = cache.get(key);
  if (found !== undefined) return found as T;
  const made = make();
  cache.set(key, made);
  return made;
}
const numberFormat = (locale: string, options: Intl.NumberFormatOptions) =>
  cached(`n${locale}${JSON.stringify(options)}`, () => new Intl.NumberFormat(locale, options));
const dateFormat = (locale: string, options: Intl.DateTimeFormatOptions) =>
  cached(`d${locale}${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(locale, options));
const relativeFormat = (locale: string) =>
  cached(`r${locale}`, () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
