import { useInfiniteQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type { RecordData } from '../api/index.js';
import { ApiProblem, keys, listRecords, purgeRecord, restoreRecord } from '../api/index.js';
import type { CatalogEntity } from '../meta/index.js';
import { useProblemText } from '../meta/index.js';
import { confirm, toast } from '../ui/index.js';
import type { BatchResult } from './run-batch.js';
import { runBatch } from './run-batch.js';

const PAGE = 50;

/** The recycle bin of one entity: its records, what is chosen, restore and purge. */
export function useTrash(entity: () => CatalogEntity, title: (record: RecordData) => string) {
  const { t, n } = useI18n();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const q = ref('');
  const chosen = ref(new Set<string>());
  const isBusy = ref(false);

  const asked = computed(() => ({
    deleted: 'only' as const,
    q: q.value.trim() || undefined,
    limit: PAGE,
    count: 'exact' as const,
  }));
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.list(entity().id, asked.value)),
    queryFn: ({ pageParam, signal }) =>
      listRecords(entity().id, { ...asked.value, after: pageParam || undefined }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.page.next ?? undefined,
  });
  const records = computed<RecordData[]>(() => query.data.value?.pages.flatMap((page) => page.data) ?? []);
  const count = computed(() => query.data.value?.pages[0]?.page.count);
  const chosenRecords = computed(() => records.value.filter((record) => chosen.value.has(String(record.id))));
  watch(
    () => entity().id,
    () => chosen.value.clear(),
  );

  async function run(
    targets: readonly RecordData[],
    work: (id: string) => Promise<unknown>,
    done: (count: number) => string,
  ): Promise<void> {
    isBusy.value = true;
    const result = await runBatch(targets, (record) => work(String(record.id)));
    chosen.value = new Set(result.failed.map(({ item }) => String(item.id)));
    await queries.invalidateQueries({ queryKey: keys.entity(entity().id) });
    isBusy.value = false;
    if (result.done > 0) toast({ kind: 'success', text: done(result.done) });
    tellFailures(result);
  }
  /** A clash (409) names what stands in the way: each is told, the first three by name. */
  function tellFailures({ failed }: BatchResult<RecordData>): void {
    for (const { item, error } of failed.slice(0, 3))
      toast({
        kind: 'error',
        text: `${title(item)}: ${problemText(error).title}${error instanceof ApiProblem && error.hint ? ` ${error.hint}` : ''}`,
      });
    if (failed.length > 3) toast({ kind: 'error', text: t('trash.moreFailed', { count: n(failed.length - 3) }) });
  }

  const restore = (targets: readonly RecordData[]): Promise<void> =>
    run(
      targets,
      (id) => restoreRecord(entity().id, id),
      (count) => t('trash.restored', { count: n(count) }, count),
    );
  async function purge(targets: readonly RecordData[]): Promise<void> {
    const first = targets[0];
    if (!first) return;
    const name = targets.length === 1 ? title(first) : t('trash.records', { count: n(targets.length) }, targets.length);
    if (
      !(await confirm({
        title: t('trash.purge.title', { name }),
        text: t('trash.purge.text', { name }),
        confirm: t('trash.purge.confirm'),
        danger: true,
        typeToConfirm: targets.length > 1 ? String(targets.length) : undefined,
      }))
    )
      return;
    await run(
      targets,
      (id) => purgeRecord(entity().id, id),
      (count) => t('trash.purged', { count: n(count) }, count),
    );
  }

  function toggle(id: string): void {
    if (!chosen.value.delete(id)) chosen.value.add(id);
  }
  function toggleAll(): void {
    chosen.value =
      chosen.value.size === records.value.length
        ? new Set()
        : new Set(records.value.map((record) => String(record.id)));
  }

  return {
    q,
    records,
    count,
    chosen,
    chosenRecords,
    isBusy,
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    more: query.fetchNextPage,
    restore,
    purge,
    toggle,
    toggleAll,
  };
}
