import { invalid } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import { didYouMean } from '../base/suggest.js';
import type { ColumnMapping, ImportMode, ImportOptions } from './types.js';

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  mode: ['create', 'update', 'upsert'],
  dateOrder: ['dmy', 'mdy', 'ymd'],
  decimalSeparator: ['.', ','],
  onUnknownChoice: ['ignore', 'refuse'],
};

/** Throws import.bad_option for a value that an option cannot have. */
export function checkOptions(options: ImportOptions): ImportOptions {
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as keyof ImportOptions];
    if (value !== undefined && !choices.includes(String(value)))
      refuse(name, `must be one of ${choices.join(', ')}.${didYouMean(String(value), choices)}`);
  }
  if (options.delimiter !== undefined && ([...options.delimiter].length !== 1 || /["\r\n]/.test(options.delimiter)))
    refuse('delimiter', 'must be one character, and no quote or line end.');
  if (options.region !== undefined && !/^[A-Z]{2}$/.test(options.region))
    refuse('region', 'must be two capital letters of ISO 3166-1.');
  if (options.ownerId !== undefined && !isUuid(options.ownerId))
    refuse('ownerId', 'must be the id of a user, team or territory.');
  if (options.zone !== undefined && !isZone(options.zone))
    refuse('zone', 'must be an IANA time zone, such as Europe/Berlin.');
  for (const entry of options.mapping ?? []) checkEntry(entry);
  return options;
}

/** Throws import.bad_option for an entry that is not `{column, field, matchBy?}`. */
export function checkEntry(entry: ColumnMapping): void {
  const isText = (value: unknown): boolean => typeof value === 'string';
  if (
    !isText(entry.column) ||
    !(entry.field === null || entry.field === undefined || isText(entry.field)) ||
    !(entry.matchBy === undefined || isText(entry.matchBy))
  ) {
    refuse('mapping', 'must be a list of {column, field, matchBy?}.');
  }
}

/** Mode and key that stand where none are given: matching by `id` or `externalId` where a column fills it, else only new records. */
export function modeOf(options: ImportOptions, mapping: readonly ColumnMapping[]): { mode: ImportMode; key: string } {
  const mapped = new Set(mapping.map((entry) => entry.field));
  const key = options.key ?? (mapped.has('id') ? 'id' : mapped.has('externalId') ? 'externalId' : undefined);
  return { mode: options.mode ?? (key === undefined ? 'create' : 'upsert'), key: key ?? 'id' };
}

function refuse(name: string, what: string): never {
  throw invalid('import.bad_option', `"${name}" ${what}`, {
    params: { option: name },
    issues: [{ path: `/options/${name}`, code: 'import.bad_option', message: `"${name}" ${what}` }],
  });
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
