import type { CatalogEntity, CatalogField, CatalogView } from '../meta/index.js';

export interface ListColumn {
  field: string;
  width?: number;
  pinned?: boolean;
}

export type Density = 'compact' | 'comfortable';

/** What a list shows; a view document is one of these with a name. */
export interface ListState {
  columns: ListColumn[];
  filter: string;
  sort: string[];
  /** The field by which rows are grouped, or null. */
  groupBy: string | null;
  totals: { field: string; fn: string }[];
  density: Density;
}

/** A tab of the list: a view of the catalog, or one that a user saved (`saved` is its record's id). */
export interface ListTab {
  id: string;
  title: string;
  view: CatalogView;
  saved?: { id: string; shared: boolean; mine: boolean; version: number };
}

/** The view of an entity that has none: its title and the first plain fields. */
export function defaultView(entity: CatalogEntity): CatalogView {
  const plain = entity.fields.filter(
    (field) =>
      !field.system &&
      field.key !== entity.titleField &&
      field.kind !== 'json' &&
      field.kind !== 'richText' &&
      field.kind !== 'longText',
  );
  const own = [entity.titleField, ...plain.slice(0, 6).map((field) => field.key)];
  const system = entity.fields
    .filter((field) => field.key === 'ownerId' || field.key === 'updatedAt')
    .map((field) => field.key);
  return {
    id: `${entity.id}.all`,
    entity: entity.id,
    title: '',
    type: 'list',
    columns: [...own, ...system].map((field) => ({ field })),
    sort: entity.defaultSort,
    default: true,
  };
}

/** What a view shows, with the defaults of what it leaves open. Columns that the user cannot read are left out. */
export function stateOfView(
  view: CatalogView,
  entity: CatalogEntity,
  fieldAt: (path: string) => CatalogField | undefined,
  density: Density = 'compact',
): ListState {
  const columns = view.columns.filter((column) => fieldAt(column.field) !== undefined);
  return {
    columns: columns.length > 0 ? columns.map((column) => ({ ...column })) : [{ field: entity.titleField }],
    filter: view.filter ?? '',
    sort: view.sort?.length ? [...view.sort] : [...entity.defaultSort],
    groupBy: view.type === 'list' && view.groupBy !== undefined && fieldAt(view.groupBy) ? view.groupBy : null,
    totals: (view.totals ?? []).filter((total) => fieldAt(total.field) !== undefined),
    density: view.density ?? density,
  };
}

/** The document of a state, ready to be saved. */
export function viewOfState(state: ListState, base: CatalogView, title: string): Omit<CatalogView, 'id'> {
  const { entity, type, card } = base;
  const groupBy = type === 'list' ? state.groupBy : base.groupBy;
  return {
    entity,
    title,
    type,
    columns: state.columns,
    ...(state.filter === '' ? {} : { filter: state.filter }),
    ...(state.sort.length === 0 ? {} : { sort: state.sort }),
    ...(groupBy ? { groupBy } : {}),
    ...(card === undefined ? {} : { card }),
    ...(state.totals.length === 0 ? {} : { totals: state.totals }),
    density: state.density,
  };
}

/** True if two states show the same. */
export function sameState(a: ListState, b: ListState): boolean {
  return JSON.stringify(normal(a)) === JSON.stringify(normal(b));
}

/** The fields to ask for: what the columns show, with what the rows need besides (id, version, title, currencies). */
export function fieldsOf(
  columns: readonly ListColumn[],
  entity: CatalogEntity,
  fieldAt: (path: string) => CatalogField | undefined,
  groupBy: string | null = null,
): string[] {
  const wanted = new Set(['id', 'version', entity.titleField, ...(groupBy === null ? [] : [groupBy])]);
  for (const { field: path } of columns) {
    wanted.add(path);
    const currency = fieldAt(path)?.currencyField;
    if (currency !== undefined)
      wanted.add(path.includes('.') ? `${path.slice(0, path.lastIndexOf('.'))}.${currency}` : currency);
  }
  return [...wanted].filter((path) => fieldAt(path) !== undefined).sort();
}

/** The value at a path over links, null where a link is empty. */
export function valueAt(record: Record<string, unknown>, path: string): unknown {
  let value: unknown = record;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<string, unknown>)[key];
  }
  return value ?? null;
}

/** The sort after a click on a header: up, down, none; with `add` other keys stay. */
export function nextSort(sort: readonly string[], field: string, add: boolean): string[] {
  const up = sort.includes(field);
  const down = sort.includes(`-${field}`);
  const next = up ? [`-${field}`] : down ? [] : [field];
  if (!add) return next;
  const at = sort.findIndex((key) => key === field || key === `-${field}`);
  if (at < 0) return [...sort, ...next];
  return [...sort.slice(0, at), ...next, ...sort.slice(at + 1)];
}

function normal(state: ListState): unknown {
  const columns = state.columns.map(({ field, width, pinned }) => [field, width ?? null, pinned ?? false]);
  const totals = state.totals.map(({ field, fn }) => [field, fn]);
  return [columns, state.filter.trim(), state.sort, state.groupBy, totals, state.density];
}
