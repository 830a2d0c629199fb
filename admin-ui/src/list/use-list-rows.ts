import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query';
import type { Ref } from 'vue';
import { computed, ref, watch } from 'vue';
import type { ListAnswer, ListQuery, RecordData } from '../api/index.js';
import { keys, listRecords } from '../api/index.js';
import type { CatalogField } from '../meta/index.js';
import { groupKey, groupSort, withoutGroups } from './groups.js';

const pageSize = 100;

/** How the rows are grouped. A page that ends inside a closed group is followed by the next group, not by the rest of it. */
interface Grouping {
  field: Ref<CatalogField | null>;
  zone: Ref<string>;
  isClosed: (key: string) => boolean;
}

/** Where a page starts: after a cursor, among the rows that are in none of the groups passed. */
interface PageStart {
  after: string | null;
  passed: string[];
}

/** The rows of a list, page after page, while the old ones stay until the new ones are there; and their number, if asked. */
export function useListRows(entity: Ref<string>, query: Ref<ListQuery>, grouping: Grouping) {
  const asked = computed<ListQuery>(() => {
    const { value: by } = grouping.field;
    return {
      ...query.value,
      sort: by === null ? query.value.sort : groupSort(by, query.value.sort ?? []),
      limit: pageSize,
    };
  });
  const pages = useInfiniteQuery({
    queryKey: computed(() => keys.list(entity.value, asked.value)),
    queryFn: ({ pageParam: { after, passed }, signal }) =>
      listRecords(entity.value, { ...asked.value, filter: filterPast(passed), after: after ?? undefined }, signal),
    initialPageParam: { after: null, passed: [] } as PageStart,
    getNextPageParam: (last, all, start) => nextStart(last, all, start),
    placeholderData: keepPreviousData,
  });
  const rows = computed<RecordData[]>(() => pages.data.value?.pages.flatMap((page) => page.data) ?? []);
  const starts = computed(() => (pages.data.value?.pageParams ?? []) as PageStart[]);
  const isSkipping = computed(() => starts.value.some((start) => start.passed.length > 0));
  const isComplete = computed(() => pages.data.value !== undefined && !pages.hasNextPage.value && !isSkipping.value);

  function nextStart(last: ListAnswer, all: readonly ListAnswer[], start: PageStart): PageStart | null {
    if (last.page.next === null) return null;
    const passed = passedBy(last, all);
    return passed === null ? { after: last.page.next, passed: start.passed } : { after: null, passed };
  }

  /** All groups up to the one in which the page ends, if that is closed; null where the page goes on as it is. */
  function passedBy(last: ListAnswer, all: readonly ListAnswer[]): string[] | null {
    const by = grouping.field.value;
    const end = last.data.at(-1);
    if (by === null || end === undefined) return null;
    const keyOf = (row: RecordData) => groupKey(by, row[by.key], grouping.zone.value);
    if (!grouping.isClosed(keyOf(end))) return null;
    const passed = [...new Set(all.flatMap((page) => page.data.map(keyOf)))];
    return withoutGroups(by, passed, isDown(by)) === null ? null : passed;
  }

  function filterPast(passed: readonly string[]): string | undefined {
    const { filter } = query.value;
    const by = grouping.field.value;
    const past = by === null || passed.length === 0 ? null : withoutGroups(by, passed, isDown(by));
    return past === null ? filter : filter === undefined ? past : `(${filter}) && (${past})`;
  }

  const isDown = (by: CatalogField) => asked.value.sort?.[0] === `-${by.key}`;

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
    /** A group was opened whose rows were passed over: the pages are asked for again, now with them. */
    fillIn: (key: string) => {
      if (starts.value.some((start) => start.passed.includes(key))) void pages.refetch();
    },
    more: () => {
      if (pages.hasNextPage.value && !pages.isFetchingNextPage.value) void pages.fetchNextPage();
    },
  };
}
