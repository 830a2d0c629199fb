import { useInfiniteQuery, useQueries } from '@tanstack/vue-query';
import { computed } from 'vue';
import type { RecordData } from '../api/index.js';
import { keys, listRecords, recordHistory } from '../api/index.js';
import type { CatalogEntity } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';
import { relatedFilter, timelineSources } from './related-lists.js';
import { mergeTimeline } from './timeline.js';

const PAGE = 30;

/** History and hung records of one record, merged, newest first. */
export function useTimeline(entity: () => CatalogEntity, record: () => RecordData) {
  const catalog = useCatalog();
  const id = computed(() => String(record().id));
  const sources = computed(() => timelineSources(entity(), catalog.entityOf));

  const history = useInfiniteQuery({
    queryKey: computed(() => keys.history(entity().id, id.value)),
    queryFn: ({ pageParam, signal }) =>
      recordHistory(entity().id, id.value, { limit: PAGE, after: pageParam || undefined }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.page.next ?? undefined,
  });
  const hung = useQueries({
    queries: computed(() =>
      sources.value.map((source) => {
        const query = {
          filter: source.fields.map((field) => relatedFilter('anyLink', field, id.value)).join(' || '),
          sort: ['-createdAt'],
          limit: PAGE,
        };
        return {
          queryKey: keys.list(source.entity.id, query),
          queryFn: ({ signal }: { signal: AbortSignal }) => listRecords(source.entity.id, query, signal),
        };
      }),
    ),
  });

  const items = computed(() =>
    mergeTimeline({
      record: record(),
      history: history.data.value?.pages.flatMap((page) => page.data) ?? [],
      hasMoreHistory: history.hasNextPage.value,
      hung: sources.value.map((source, index) => ({
        entity: source.entity.id,
        records: hung.value[index]?.data?.data ?? [],
      })),
    }),
  );
  return {
    sources,
    items,
    isPending: history.isPending,
    error: history.error,
    hasMore: history.hasNextPage,
    more: history.fetchNextPage,
    refetch: history.refetch,
  };
}
