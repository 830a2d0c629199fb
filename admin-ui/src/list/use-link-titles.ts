import { useQuery } from '@tanstack/vue-query';
import type { Ref } from 'vue';
import { computed } from 'vue';
import { keys, listRecords } from '../api/index.js';
import type { CatalogField } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';

/** Titles of the records that a condition names by id; an id stands for itself until its title is known. */
export function useLinkTitles(field: Ref<CatalogField | undefined>, values: Ref<unknown[]>) {
  const catalog = useCatalog();
  const target = computed(() =>
    field.value?.exprType === 'record' ? field.value.to?.find((id) => id !== '*') : undefined,
  );
  const ids = computed(() =>
    target.value === undefined ? [] : values.value.map(idOf).filter((id): id is string => id !== null),
  );
  const query = computed(() => ({
    filter: `id in [${ids.value.map((id) => JSON.stringify(id)).join(', ')}]`,
    fields: ['id', catalog.entityOf(target.value ?? '')?.titleField ?? 'id'],
    limit: 50,
  }));
  const { data } = useQuery({
    queryKey: computed(() => keys.list(target.value ?? '', query.value)),
    queryFn: ({ signal }) => listRecords(target.value ?? '', query.value, signal),
    enabled: computed(() => ids.value.length > 0),
    staleTime: 300_000,
  });
  return (value: unknown): string => {
    const id = idOf(value);
    const record = data.value?.data.find((each) => each.id === id);
    if (record !== undefined && target.value !== undefined) return catalog.titleOf(target.value, record);
    return id === null ? '' : '…';
  };
}

function idOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : null;
}
