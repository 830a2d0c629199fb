import type { Ref } from 'vue';
import { computed, shallowRef, watch } from 'vue';
import type { ListQuery } from '../api/index.js';
import type { CatalogField } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';
import { linesOf } from './groups.js';
import { useGroups } from './use-groups.js';
import { useListRows } from './use-list-rows.js';

/** The rows of a list with the headers of their groups; `groupBy` null: rows only. */
export function useListLines(entity: Ref<string>, query: Ref<ListQuery>, groupBy: Ref<string | null>) {
  const catalog = useCatalog();
  const field = computed(() =>
    groupBy.value === null ? null : (catalog.fieldAt(entity.value, groupBy.value) ?? null),
  );
  const where = computed(() => ({ filter: query.value.filter, q: query.value.q }));
  const groups = useGroups({ entity, field, where });
  const data = useListRows(entity, query, { field, zone: groups.zone, isClosed: groups.isClosed });
  // Rows of the former order stay until those of the new one are there, and are drawn as they were.
  const drawn = shallowRef<CatalogField | null>(field.value);
  watch(
    [field, data.isStale, data.isPending],
    ([next, isStale, isPending]) => {
      if (!isStale || isPending) drawn.value = next;
    },
    { flush: 'post' },
  );
  const lines = computed(() =>
    linesOf(data.rows.value, drawn.value, {
      zone: groups.zone.value,
      counts: groups.counts.value,
      isClosed: groups.isClosed,
    }),
  );

  return {
    ...data,
    field: drawn,
    lines,
    /** The loaded rows of open groups. */
    shown: computed(() => lines.value.flatMap((line) => (line.kind === 'row' ? [line.record] : []))),
    count: computed(() => (field.value === null ? null : groups.total.value) ?? data.count.value),
    toggleGroup(key: string): void {
      groups.toggle(key);
      if (!groups.isClosed(key)) data.fillIn(key);
    },
  };
}
