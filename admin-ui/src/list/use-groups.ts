import { keepPreviousData, useQuery } from '@tanstack/vue-query';
import type { Ref } from 'vue';
import { computed, shallowRef, watch } from 'vue';
import { aggregateRecords, keys } from '../api/index.js';
import type { CatalogField } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';
import { groupKey, groupQuery } from './groups.js';

/** More groups than this are drawn without their counts. */
const groupsCounted = 5000;

interface GroupsInput {
  entity: Ref<string>;
  /** The field of the groups, or null where there are none. */
  field: Ref<CatalogField | null>;
  where: Ref<{ filter?: string; q?: string }>;
}

/** Which groups are closed, and how many rows each one has (asked in one call). */
export function useGroups({ entity, field, where }: GroupsInput) {
  const catalog = useCatalog();
  const zone = computed(() => catalog.catalog?.workspace.zone ?? 'UTC');
  const closed = shallowRef<ReadonlySet<string>>(new Set());
  watch([entity, () => field.value?.key], () => (closed.value = new Set()));

  const query = computed(() => ({
    groupBy: field.value === null ? [] : [groupQuery(field.value)],
    measures: [{ fn: 'count' }],
    ...where.value,
    limit: groupsCounted,
  }));
  const { data } = useQuery({
    queryKey: computed(() => keys.aggregate(entity.value, query.value)),
    queryFn: ({ signal }) => aggregateRecords(entity.value, query.value, signal),
    enabled: computed(() => field.value !== null),
    placeholderData: keepPreviousData,
  });
  const counts = computed(() => {
    const by = field.value;
    if (by === null || data.value === undefined) return null;
    const found = new Map<string, number>();
    for (const row of data.value) {
      const key = groupKey(by, row[by.key], zone.value);
      found.set(key, (found.get(key) ?? 0) + Number(row.count));
    }
    return found;
  });
  /** Rows of all groups; null where that is not known. */
  const total = computed(() =>
    counts.value === null || (data.value?.length ?? 0) >= groupsCounted
      ? null
      : [...counts.value.values()].reduce((sum, count) => sum + count, 0),
  );

  function toggle(key: string): void {
    const next = new Set(closed.value);
    if (!next.delete(key)) next.add(key);
    closed.value = next;
  }

  return {
    zone,
    counts,
    total,
    isClosed: (key: string) => closed.value.has(key),
    toggle,
  };
}
