import type { HistoryChange, HistoryEntry, RecordData } from '../api/index.js';
import type { CatalogEntity, CatalogField } from '../meta/index.js';

/** One thing that happened: somebody changed fields, made or deleted the record, or a record was hung on it. */
export type TimelineItem =
  | { type: 'change'; key: string; at: string; entry: HistoryEntry }
  | {
      type: 'created';
      key: string;
      at: string;
      by: { id: string; title: string | null } | null;
      actedBy?: HistoryEntry['actedBy'];
    }
  | { type: 'record'; key: string; at: string; entity: string; record: RecordData };

export interface TimelineInput {
  record: RecordData;
  history: readonly HistoryEntry[];
  /** Older history exists: the creation is not shown yet. */
  hasMoreHistory: boolean;
  /** `hasMore`: older ones exist than those given. */
  hung: readonly { entity: string; records: readonly RecordData[]; hasMore?: boolean }[];
}

/**
 * Everything in one order, newest first. A record that points here twice stands there once. What is older than the last of a
 * list that goes on waits: else the rest of that list would later appear above it.
 */
export function mergeTimeline({ record, history, hasMoreHistory, hung }: TimelineInput): TimelineItem[] {
  const items: TimelineItem[] = history
    .filter((entry) => entry.operation !== 'create')
    .map((entry) => ({ type: 'change', key: `c${entry.version}.${entry.at}`, at: entry.at, entry }));
  const seen = new Set<string>();
  for (const { entity, records } of hung)
    for (const one of records) {
      const id = String(one.id);
      if (seen.has(id)) continue;
      seen.add(id);
      items.push({ type: 'record', key: `r${id}`, at: String(one.createdAt ?? ''), entity, record: one });
    }
  if (!hasMoreHistory && typeof record.createdAt === 'string')
    items.push({
      type: 'created',
      key: 'created',
      at: record.createdAt,
      by: record.createdBy as { id: string; title: string | null } | null,
      actedBy: history.find((entry) => entry.operation === 'create')?.actedBy,
    });
  const ends = [
    ...(hasMoreHistory ? [history.at(-1)?.at] : []),
    ...hung.filter((list) => list.hasMore).map((list) => list.records.at(-1)?.createdAt),
  ].filter((at) => typeof at === 'string');
  const horizon = ends.sort().at(-1) ?? '';
  return items
    .filter((item) => item.at >= horizon)
    .sort((left, right) => (left.at < right.at ? 1 : left.at > right.at ? -1 : 0));
}

/**
 * The field of a change, as far as it can be shown: the entity's, or what a retired one was, with the title that it now goes by.
 * Null for what the kernel keeps itself, and for what the reader knows nothing of.
 */
export function changedField(
  entity: CatalogEntity,
  change: HistoryChange,
  retiredTitle: (title: string) => string,
): CatalogField | null {
  const field = entity.fields.find((one) => one.key === change.field);
  if (field) return kernelKept.has(field.key) ? null : field;
  if (!change.retired) return null;
  const { field: key, kind = 'text', to, options } = change;
  return {
    ...nothingElse,
    key,
    title: retiredTitle(change.title ?? key),
    kind,
    widget: kind,
    exprType: exprTypes[kind] ?? 'text',
    ...(to ? { to } : {}),
    ...(options ? { options } : {}),
  };
}

const kernelKept: ReadonlySet<string> = new Set(['updatedAt', 'updatedBy', 'version', 'deletedAt']);
const exprTypes: Readonly<Record<string, string>> = {
  multiChoice: 'list',
  tags: 'list',
  address: 'object',
  geo: 'object',
};
/** What nobody can do with a retired field. */
const nothingElse = {
  required: false,
  system: false,
  readOnly: true,
  unique: false,
  searchable: false,
  sortable: false,
  filterable: false,
  groupable: false,
  operators: [],
  aggregates: [],
  schema: {},
};

/** The day of an instant in a zone, `YYYY-MM-DD`: headings of the timeline. */
export function dayOf(at: string, zone: string | undefined): string {
  const instant = new Date(at);
  if (Number.isNaN(instant.getTime())) return '';
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', ...(zone ? { timeZone: zone } : {}) }).format(instant);
}

/** Items under the day on which they happened. */
export function groupByDay(
  items: readonly TimelineItem[],
  zone: string | undefined,
): { day: string; items: TimelineItem[] }[] {
  const days: { day: string; items: TimelineItem[] }[] = [];
  for (const item of items) {
    const day = dayOf(item.at, zone);
    const last = days[days.length - 1];
    if (last?.day === day) last.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}
