import {
  columnOrderingFeature,
  columnPinningFeature,
  columnSizingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/vue-table';
import type { ColumnDef } from '@tanstack/vue-table';
import type { Ref } from 'vue';
import { computed } from 'vue';
import type { RecordData } from '../api/index.js';
import type { CatalogEntity, CatalogField } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';
import { widgetFor } from '../widgets/index.js';
import type { ListColumn } from './list-state.js';

export interface GridColumn {
  path: string;
  field: CatalogField;
  /** Title, for paths over links with the link's before it. */
  title: string;
  width: number;
  pinned: boolean;
  /** Distance from the start of the row, px, for pinned columns. */
  start: number;
  numeric: boolean;
  /** Can be edited in its cell: a field of the entity itself that this user may write. */
  editable: boolean;
  isTitle: boolean;
}

const features = tableFeatures({ columnOrderingFeature, columnPinningFeature, columnSizingFeature });
const minWidth = 72;
const maxWidth = 800;
const none: RecordData[] = [];

/** Order, width and pinning of the columns; pinned ones come first. `lead` is what stands before them (checkboxes). */
export function useColumns(
  entity: Ref<CatalogEntity>,
  columns: Ref<ListColumn[]>,
  change: (columns: ListColumn[]) => void,
  lead: number,
) {
  const catalog = useCatalog();
  const fieldAt = (path: string) => catalog.fieldAt(entity.value.id, path);
  const defs = computed<ColumnDef<typeof features, RecordData>[]>(() =>
    columns.value.map(({ field, width }) => ({
      id: field,
      accessorFn: () => null,
      size: clampWidth(width ?? defaultWidth(fieldAt(field), field === entity.value.titleField)),
      minSize: minWidth,
      maxSize: maxWidth,
    })),
  );
  const state = computed(() => ({
    columnOrder: columns.value.map((column) => column.field),
    columnPinning: { start: columns.value.filter((column) => column.pinned).map((column) => column.field), end: [] },
  }));
  const table = useTable({ features, columns: defs, data: none, state });

  const grid = computed<GridColumn[]>(() => {
    const order = [...table.getStartVisibleLeafColumns(), ...table.getCenterVisibleLeafColumns()];
    let start = lead;
    return order.flatMap((column) => {
      const field = fieldAt(column.id);
      if (field === undefined) return [];
      const widget = widgetFor(field);
      const width = column.getSize();
      const place = start;
      start += width;
      return [
        {
          path: column.id,
          field,
          title: titleOf(column.id),
          width,
          pinned: column.getIsPinned() === 'start',
          start: place,
          numeric: widget.options?.numeric ?? false,
          editable: isEditable(column.id, field),
          isTitle: column.id === entity.value.titleField,
        },
      ];
    });
  });

  function isEditable(path: string, field: CatalogField): boolean {
    return (
      entity.value.permissions.update &&
      !path.includes('.') &&
      !field.readOnly &&
      !field.system &&
      !widgetFor(field).options?.noInline
    );
  }

  function titleOf(path: string): string {
    const keys = path.split('.');
    return keys.map((_, index) => fieldAt(keys.slice(0, index + 1).join('.'))?.title ?? '').join(' › ');
  }

  function update(path: string, values: Partial<ListColumn>): void {
    change(columns.value.map((column) => (column.field === path ? { ...column, ...values } : column)));
  }

  return {
    grid,
    width: computed(() => grid.value.reduce((sum, column) => sum + column.width, lead)),
    titleOf,
    resize: (path: string, width: number) => update(path, { width: clampWidth(width) }),
    pin: (path: string, pinned: boolean) => update(path, { pinned }),
    hide: (path: string) => change(columns.value.filter((column) => column.field !== path)),
    add: (path: string) => change([...columns.value, { field: path }]),
    reorder: (paths: string[]) =>
      change(paths.flatMap((path) => columns.value.find((column) => column.field === path) ?? { field: path })),
  };
}

function defaultWidth(field: CatalogField | undefined, isTitle: boolean): number {
  if (isTitle) return 240;
  return (field && widgetFor(field).options?.width) ?? 160;
}

const clampWidth = (width: number) => Math.round(Math.max(minWidth, Math.min(width, maxWidth)));
