import type { RecordData } from '../api/index.js';
import type { CatalogField } from '../meta/index.js';

export interface BoardColumn {
  /** The option's value; null: records that have none. */
  value: string | null;
  title: string;
  color?: string;
}

/** The columns of a board: options that are not retired, those that still hold records, and one for records without any. */
export function boardColumns(
  field: CatalogField,
  counts: ReadonlyMap<string | null, number>,
  none: string,
): BoardColumn[] {
  const options = (field.options ?? []).filter((option) => !option.retired || (counts.get(option.value) ?? 0) > 0);
  const columns: BoardColumn[] = options.map((option) => ({
    value: option.value,
    title: option.title,
    color: option.color,
  }));
  const hasNone = (counts.get(null) ?? 0) > 0;
  return hasNone || columns.length === 0 ? [{ value: null, title: none }, ...columns] : columns;
}

/** The condition that holds for the records of a column. */
export function columnFilter(field: string, value: string | null): string {
  return value === null ? `ISBLANK(${field})` : `${field} == ${JSON.stringify(value)}`;
}

/** The answer of an aggregate by one choice field as counts by value. */
export function countsOf(rows: readonly RecordData[], field: string): Map<string | null, number> {
  return new Map(rows.map((row): [string | null, number] => [valueOf(row[field]), Number(row.count ?? 0)]));
}

/** Counts after one record moved. */
export function moveCount(
  counts: ReadonlyMap<string | null, number>,
  from: string | null,
  to: string | null,
): Map<string | null, number> {
  if (from === to) return new Map(counts);
  return new Map([...counts, [from, Math.max(0, (counts.get(from) ?? 0) - 1)], [to, (counts.get(to) ?? 0) + 1]]);
}

/** Which field of the record holds the value of a column: an option is text, an aggregate may answer it as an object. */
function valueOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'object' && value !== null && 'id' in value) return String(value.id);
  return null;
}
