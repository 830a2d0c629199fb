import { useInfiniteQuery, useQueries } from '@tanstack/vue-query';
import { computed, ref, watch } from 'vue';
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
  /** How many pages of each list are wanted, and where those after the first one start. */
  const wanted = ref(1);
  const starts = ref<Record<string, string[]>>({});
  watch([() => entity().id, id], () => {
    wanted.value = 1;
    starts.value = {};
  });
  const windows = computed(() =>
    sources.value.flatMap((source) =>
      [undefined, ...(starts.value[source.entity.id] ?? [])].map((after) => ({ source, after })),
    ),
  );
  const hung = useQueries({
    queries: computed(() =>
      windows.value.map(({ source, after }) => {
        const query = {
          filter: source.fields.map((field) => relatedFilter('anyLink', field, id.value)).join(' || '),
          sort: ['-createdAt'],
          limit: PAGE,
          ...(after === undefined ? {} : { after }),
        };
        return {
          queryKey: keys.list(source.entity.id, query),
          queryFn: ({ signal }: { signal: AbortSignal }) => listRecords(source.entity.id, query, signal),
        };
      }),
    ),
  });

  /** The answers of a list, page after page, as far as they are there. */
  const pagesOf = (source: (typeof sources.value)[number]) =>
    windows.value.flatMap((window, index) => {
      const answer = window.source === source ? hung.value[index]?.data : undefined;
      return answer === undefined ? [] : [answer];
    });
  // A page starts where the one before it ends; that moves when new records come in at the top.
  watch([hung, wanted], () => {
    const next = Object.fromEntries(
      sources.value.map((source) => [
        source.entity.id,
        pagesOf(source)
          .slice(0, wanted.value - 1)
          .flatMap((answer) => answer.page.next ?? []),
      ]),
    );
    if (JSON.stringify(next) !== JSON.stringify(starts.value)) starts.value = next;
  });
  const lists = computed(() =>
    sources.value.map((source) => {
      const pages = pagesOf(source);
      return {
        entity: source.entity.id,
        records: pages.flatMap((answer) => answer.data),
        hasMore: (pages.at(-1)?.page.next ?? null) !== null,
      };
    }),
  );

  const items = computed(() =>
    mergeTimeline({
      record: record(),
      history: history.data.value?.pages.flatMap((page) => page.data) ?? [],
      hasMoreHistory: history.hasNextPage.value,
      hung: lists.value,
    }),
  );
  return {
    sources,
    items,
    isPending: history.isPending,
    error: history.error,
    hasMore: computed(() => history.hasNextPage.value || lists.value.some((list) => list.hasMore)),
    more(): void {
      if (history.hasNextPage.value) void history.fetchNextPage();
      wanted.value++;
    },
    refetch: history.refetch,
  };
}
