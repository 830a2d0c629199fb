import type { Json, RecordData } from '../api/index.js';
import type { CatalogField } from '../meta/index.js';
import { valueAt } from './list-state.js';

/** Rows with the same value of the field that a list is grouped by. */
export interface ListGroup {
  /** Tells groups apart: the value as text, a link's id, `YYYY-MM` of a date, empty for no value. */
  key: string;
  /** The value itself, of a link with its title; a month as `YYYY-MM-01`. */
  value: Json;
  /** Rows of the whole list in it; null while unknown. */
  count: number | null;
  isOpen: boolean;
}

/** What a list draws, one after the other. `index` counts the rows shown, from 0. */
export type ListLine =
  { kind: 'row'; key: string; record: RecordData; index: number } | { kind: 'group'; key: string; group: ListGroup };

/** Beyond these many passed groups a filter that leaves them out would be longer than paging through. */
const passedAtMost = 300;

/** True if lists can be grouped by the field: a choice, yes or no, a date (by month), a link to one record, a person. */
export function canGroupBy(field: CatalogField): boolean {
  const isOneOf = field.exprType === 'boolean' || field.exprType === 'record' || isDate(field);
  const isChoice = field.exprType === 'text' && field.options !== undefined;
  // The id makes a group of every record, and records of a list are never deleted ones.
  const isUseful = field.key !== 'id' && field.key !== 'deletedAt';
  return field.groupable && field.sortable && isUseful && (isOneOf || isChoice);
}

/** The `groupBy` of an aggregate that counts the groups. */
export function groupQuery(field: CatalogField): { field: string; bucket?: 'month' } {
  return isDate(field) ? { field: field.key, bucket: 'month' } : { field: field.key };
}

/** The sort with the group's field first, in the direction it is sorted by already; else upwards; when records were made or changed: newest first. */
export function groupSort(field: CatalogField, sort: readonly string[]): string[] {
  const own = sort.find((key) => key.replace(/^-/, '') === field.key);
  const first = own ?? (isDate(field) && field.system ? `-${field.key}` : field.key);
  // Two records of one title would mix their rows; the id behind the title keeps each together.
  const apart = field.exprType === 'record' ? [`${field.key}.id`] : [];
  return [first, ...apart, ...sort.filter((key) => key.replace(/^-/, '') !== field.key)].slice(0, 6);
}

/** The group of a value; instants fall into the month of `zone`, as they do on the server. */
export function groupKey(field: CatalogField, value: unknown, zone: string): string {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value === 'object') return 'id' in value ? String(value.id) : '';
  const text = String(value);
  // A bucket of the server is the first day of its month already.
  if (field.exprType !== 'dateTime' || /^\d{4}-\d{2}-\d{2}$/.test(text)) return isDate(field) ? text.slice(0, 7) : text;
  return monthIn(text, zone);
}

/** Headers and rows: a header wherever the group changes; rows of closed groups are left out. */
export function linesOf(
  rows: readonly RecordData[],
  field: CatalogField | null,
  options: { zone: string; counts: ReadonlyMap<string, number> | null; isClosed: (key: string) => boolean },
): ListLine[] {
  const lines: ListLine[] = [];
  let here: string | null = null;
  // Were a group to come up twice (rows that arrived while others changed), its headers still differ.
  const met = new Map<string, number>();
  let index = 0;
  for (const record of rows) {
    if (field !== null) {
      const value = valueAt(record, field.key) as Json;
      const key = groupKey(field, value, options.zone);
      if (key !== here) {
        here = key;
        const count = options.counts?.get(key) ?? null;
        const group = { key, value: isDate(field) && key !== '' ? `${key}-01` : value, count };
        met.set(key, (met.get(key) ?? 0) + 1);
        lines.push({
          kind: 'group',
          key: `group ${key} ${met.get(key)}`,
          group: { ...group, isOpen: !options.isClosed(key) },
        });
      }
      if (options.isClosed(key)) continue;
    }
    lines.push({ kind: 'row', key: String(record.id), record, index: index++ });
  }
  return lines;
}

/** The condition that leaves the groups out, or null where it would be too long; all of them stand before the rest. */
export function withoutGroups(field: CatalogField, keys: readonly string[], isDown: boolean): string | null {
  const named = keys.filter((key) => key !== '');
  const parts = keys.includes('') ? [`!ISBLANK(${field.key})`] : [];
  if (isDate(field) && named.length > 0) {
    const day = (month: string) => (field.exprType === 'date' ? `DATE('${month}')` : `DATETIME('${month}T00:00')`);
    const last = named[named.length - 1] as string;
    // Empty ones come last upwards and first downwards; there they were passed already.
    parts.push(isDown ? `${field.key} < ${day(`${last}-01`)}` : `!(${field.key} < ${day(`${monthAfter(last)}-01`)})`);
  } else if (field.exprType === 'boolean') parts.push(...named.map((key) => `${field.key} != ${key}`));
  else if (named.length > passedAtMost) return null;
  else if (named.length > 0) parts.push(`!(${field.key} in [${named.map((key) => JSON.stringify(key)).join(', ')}])`);
  return parts.join(' && ');
}

function isDate(field: CatalogField): boolean {
  return field.exprType === 'date' || field.exprType === 'dateTime';
}

function monthAfter(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return number === 12
    ? `${String(year + 1).padStart(4, '0')}-01`
    : `${month.slice(0, 4)}-${String(number + 1).padStart(2, '0')}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function monthIn(instant: string, zone: string): string {
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit' });
  formats.set(zone, format);
  const parts = format.formatToParts(new Date(instant));
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}`;
}
