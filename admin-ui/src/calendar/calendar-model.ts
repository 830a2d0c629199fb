import type { RecordData } from '../api/index.js';
import type { CatalogEntity, CatalogField } from '../meta/index.js';

/** The fields that place a record on the calendar. */
export interface CalendarFields {
  start: CatalogField;
  end?: CatalogField;
  color?: CatalogField;
}

/** An event as the calendar library takes it. */
export interface CalendarEvent {
  id: string;
  title: string;
  /** ISO: a day for a date, an instant for a date-time. */
  start: string;
  end?: string;
  allDay: boolean;
  color: string;
  contrastColor: string;
  extendedProps: { record: RecordData };
}

/** The condition for what touches `[from, to)`, ISO instants; a day stands for its midnight. */
export function rangeFilter({ start, end }: CalendarFields, from: string, to: string): string {
  const text = (field: CatalogField, at: string): string => `'${field.kind === 'date' ? at.slice(0, 10) : at}'`;
  const begins = `${start.key} < ${text(start, to)}`;
  if (!end) return `${start.key} >= ${text(start, from)} && ${begins}`;
  return `${begins} && (${start.key} >= ${text(start, from)} || ${end.key} >= ${text(end, from)})`;
}

/** The event of a record, or null where its start is empty. */
export function eventOf(
  record: RecordData,
  entity: CatalogEntity,
  { start, end, color }: CalendarFields,
  title: string,
): CalendarEvent | null {
  const begins = record[start.key];
  if (typeof begins !== 'string') return null;
  const ends = end ? record[end.key] : null;
  const option = color?.options?.find((one) => one.value === record[color.key]);
  const shade = option?.color ?? (color ? 'gray' : 'blue');
  return {
    id: String(record.id),
    title: title || entity.title,
    start: begins,
    ...(typeof ends === 'string' && ends >= begins ? { end: end?.kind === 'date' ? nextDay(ends) : ends } : {}),
    allDay: start.kind === 'date',
    // The shade of the text is also that of the dots in a list.
    color: `var(--opt-${shade}-ink)`,
    contrastColor: `var(--opt-${shade}-bg)`,
    extendedProps: { record },
  };
}

/** The values that moving a record by `days` and `ms` writes, in API form. */
export function movedValues(
  record: RecordData,
  { start, end }: CalendarFields,
  { days, ms }: { days: number; ms: number },
): RecordData {
  return Object.fromEntries(
    [start, end].flatMap((field) => {
      const value = field === undefined ? null : record[field.key];
      return field === undefined || typeof value !== 'string' ? [] : [[field.key, moved(value, field, days, ms)]];
    }),
  );
}

function moved(value: string, field: CatalogField, days: number, ms: number): string {
  const at = new Date(field.kind === 'date' ? `${value}T00:00:00Z` : value);
  at.setUTCDate(at.getUTCDate() + days);
  const next = new Date(at.getTime() + (field.kind === 'date' ? 0 : ms)).toISOString();
  return field.kind === 'date' ? next.slice(0, 10) : next;
}

/** The library's ends are exclusive; ours are the last day. */
function nextDay(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + 1);
  return at.toISOString().slice(0, 10);
}
