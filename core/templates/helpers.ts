import type { Json } from '../sdk/index.js';

/** What a helper may know beside its arguments. */
export interface HelperEnv {
  readonly locale: string;
  readonly zone: string;
}

/** A value inside a template; undefined: there is none. */
export type Value = Json | undefined;

interface Helper {
  readonly least: number;
  readonly most: number;
  /** Names that it takes as `name=value`. */
  readonly options?: readonly string[];
  run(env: HelperEnv, args: readonly Value[], options: Readonly<Record<string, Value>>): Value;
}

/** The helpers, all of them. */
export const helpers: ReadonlyMap<string, Helper> = new Map<string, Helper>([
  ['eq', two((a, b) => a === b)],
  ['ne', two((a, b) => a !== b)],
  ['gt', two((a, b) => (compare(a, b) ?? 0) > 0)],
  ['gte', two((a, b) => (compare(a, b) ?? -1) >= 0)],
  ['lt', two((a, b) => (compare(a, b) ?? 0) < 0)],
  ['lte', two((a, b) => (compare(a, b) ?? 1) <= 0)],
  ['and', { least: 2, most: 10, run: (_env, args) => args.every(isFilled) }],
  ['or', { least: 2, most: 10, run: (_env, args) => args.find(isFilled) ?? args[args.length - 1] }],
  ['not', one((_env, value) => !isFilled(value))],
  ['default', two((value, fallback) => (isFilled(value) ? value : fallback))],
  ['upper', one((env, value) => textOf(value).toLocaleUpperCase(env.locale))],
  ['lower', one((env, value) => textOf(value).toLocaleLowerCase(env.locale))],
  ['truncate', two((value, length) => truncate(textOf(value), Number(length)))],
  ['join', two((list, by) => (Array.isArray(list) ? list.map(textOf).filter(Boolean).join(textOf(by)) : textOf(list)))],
  ['length', one((_env, value) => (Array.isArray(value) ? value.length : textOf(value).length))],
  [
    'number',
    { least: 1, most: 1, options: ['digits'], run: (env, [value], { digits }) => formatNumber(env, value, digits) },
  ],
  ['money', { least: 2, most: 2, run: (env, [amount, currency]) => formatMoney(env, amount, currency) }],
  ['percent', one((env, value) => (isNumeric(value) ? `${formatNumber(env, value, 2)} %` : ''))],
  ['date', { least: 1, most: 1, options: ['style'], run: (env, [value], { style }) => formatDate(env, value, style) }],
  [
    'dateTime',
    { least: 1, most: 1, options: ['style'], run: (env, [value], { style }) => formatInstant(env, value, style) },
  ],
]);

/** What counts as something in `if`: not null, false, 0, an empty text or an empty list. */
export function isFilled(value: Value): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** A value as text; objects and lists are none. */
export function textOf(value: Value): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function one(run: (env: HelperEnv, value: Value) => Value): Helper {
  return { least: 1, most: 1, run: (env, [value]) => run(env, value) };
}

function two(run: (a: Value, b: Value) => Value): Helper {
  return { least: 2, most: 2, run: (_env, [a, b]) => run(a, b) };
}

function compare(a: Value, b: Value): number | null {
  if (isNumeric(a) && isNumeric(b)) return Number(a) - Number(b);
  return typeof a === 'string' && typeof b === 'string' ? (a < b ? -1 : a > b ? 1 : 0) : null;
}

function isNumeric(value: Value): value is string | number {
  return (
    (typeof value === 'number' && Number.isFinite(value)) ||
    (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
  );
}

/** By characters as people count them: an emoji or a combined letter is never cut in two. */
function truncate(text: string, length: number): string {
  if (!Number.isInteger(length) || length < 1 || text.length <= length) return text;
  const letters = [...new Intl.Segmenter().segment(text.slice(0, length * 20))];
  return letters.length <= length
    ? text
    : `${letters
        .slice(0, length - 1)
        .map(({ segment }) => segment)
        .join('')}…`;
}

function formatNumber(env: HelperEnv, value: Value, digits?: Value): string {
  if (!isNumeric(value)) return '';
  const most = typeof digits === 'number' && digits >= 0 && digits <= 12 ? Math.trunc(digits) : 6;
  // The text itself, so that exact decimals stay exact.
  return new Intl.NumberFormat(env.locale, { maximumFractionDigits: most }).format(value as number);
}

function formatMoney(env: HelperEnv, amount: Value, currency: Value): string {
  if (!isNumeric(amount)) return '';
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return formatNumber(env, amount, 2);
  return new Intl.NumberFormat(env.locale, { style: 'currency', currency }).format(amount as number);
}

const styles = ['short', 'medium', 'long', 'full'] as const;

function styleOf(style: Value, absent: (typeof styles)[number]): (typeof styles)[number] {
  return styles.find((known) => known === style) ?? absent;
}

/** A day is the same everywhere; of an instant, the day in the reader's zone. */
function formatDate(env: HelperEnv, value: Value, style: Value): string {
  const at = instantOf(value);
  if (at === null) return '';
  const timeZone = /^\d{4}-\d\d-\d\d$/.test(String(value)) ? 'UTC' : env.zone;
  return new Intl.DateTimeFormat(env.locale, { dateStyle: styleOf(style, 'long'), timeZone }).format(at);
}

function formatInstant(env: HelperEnv, value: Value, style: Value): string {
  const at = instantOf(value);
  if (at === null) return '';
  return new Intl.DateTimeFormat(env.locale, {
    dateStyle: styleOf(style, 'long'),
    timeStyle: 'short',
    timeZone: env.zone,
  }).format(at);
}

function instantOf(value: Value): Date | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d/.test(value)) return null;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? null : at;
}
