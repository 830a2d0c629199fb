import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query';
import type { Ref } from 'vue';
import { computed, ref, watch } from 'vue';
import type { ListQuery, RecordData } from '../api/index.js';
import { keys, listRecords } from '../api/index.js';

const pageSize = 100;

/** The rows of a list, page after page, while the old ones stay until the new ones are there; and their number, if asked. */
export function useListRows(entity: Ref<string>, query: Ref<ListQuery>) {
  const asked = computed<ListQuery>(() => ({ ...query.value, limit: pageSize }));
  const pages = useInfiniteQuery({
    queryKey: computed(() => keys.list(entity.value, asked.value)),
    queryFn: ({ pageParam, signal }) =>
      listRecords(entity.value, { ...asked.value, after: pageParam ?? undefined }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.page.next,
    placeholderData: keepPreviousData,
  });
  const rows = computed<RecordData[]>(() => pages.data.value?.pages.flatMap((page) => page.data) ?? []);
  const isComplete = computed(() => pages.data.value !== undefined && !pages.hasNextPage.value);

  const wantsCount = ref(false);
  const where = computed(() => ({ filter: query.value.filter, q: query.value.q, deleted: query.value.deleted }));
  watch(where, (next, old) => JSON.stringify(next) !== JSON.stringify(old) && (wantsCount.value = false));
  const counted = useQuery({
    queryKey: computed(() => keys.count(entity.value, where.value)),
    queryFn: async ({ signal }) =>
      (await listRecords(entity.value, { ...where.value, fields: ['id'], limit: 1, count: 'exact' }, signal)).page
        .count ?? null,
    enabled: wantsCount,
  });
  const count = computed(() =>
    isComplete.value ? rows.value.length : wantsCount.value ? (counted.data.value ?? null) : null,
  );

  return {
    rows,
    isComplete,
    count,
    isCounting: computed(() => wantsCount.value && counted.isFetching.value && count.value === null),
    askCount: () => (wantsCount.value = true),
    isPending: pages.isPending,
    isStale: pages.isPlaceholderData,
    isFetching: pages.isFetching,
    isFetchingMore: pages.isFetchingNextPage,
    error: pages.error,
    retry: () => void pages.refetch(),
    more: () => {
      if (pages.hasNextPage.value && !pages.isFetchingNextPage.value) void pages.fetchNextPage();
    },
  };
}
