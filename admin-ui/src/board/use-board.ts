import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type { RecordData } from '../api/index.js';
import { aggregateRecords, ApiProblem, keys, listRecords, updateRecord } from '../api/index.js';
import type { CatalogEntity, CatalogField, CatalogView } from '../meta/index.js';
import { joinExpressions, useCatalog, useProblemText } from '../meta/index.js';
import { toast } from '../ui/index.js';
import { boardColumns, columnFilter, countsOf, moveCount } from './board-model.js';

const PAGE = 25;

export interface ColumnState {
  records: RecordData[];
  next: string | null;
  isLoading: boolean;
  failed: boolean;
}

export interface UseBoardOptions {
  entity: () => CatalogEntity;
  view: () => CatalogView;
  filter: () => string | undefined;
  q: () => string | undefined;
}

/** The columns of a board with their records, fetched piece by piece, and the move of a card. */
export function useBoard({ entity, view, filter, q }: UseBoardOptions) {
  const { t } = useI18n();
  const catalog = useCatalog();
  const queries = useQueryClient();
  const problemText = useProblemText();

  const field = computed<CatalogField | undefined>(
    () =>
      entity().fields.find((one) => one.key === view().groupBy && one.kind === 'choice') ??
      entity().fields.find((one) => one.kind === 'choice' && one.groupable),
  );
  const cardFields = computed(() =>
    (view().card?.fields ?? view().columns.map((column) => column.field)).flatMap(
      (key) =>
        entity().fields.find(
          (one) => one.key === key && one.key !== entity().titleField && one.key !== field.value?.key,
        ) ?? [],
    ),
  );
  const asked = computed(() => ({
    groupBy: [{ field: field.value?.key ?? '' }],
    measures: [{ fn: 'count' }],
    filter: filter(),
    q: q() || undefined,
  }));
  const counting = useQuery({
    queryKey: computed(() => keys.aggregate(entity().id, asked.value)),
    queryFn: ({ signal }) => aggregateRecords(entity().id, asked.value, signal),
    enabled: computed(() => field.value !== undefined),
  });
  const counts = ref(new Map<string | null, number>());
  const columns = computed(() => (field.value ? boardColumns(field.value, counts.value, t('board.none')) : []));
  const states = ref(new Map<string | null, ColumnState>());
  let round = 0;

  function query(value: string | null, after?: string) {
    const wanted = [
      'id',
      'version',
      entity().titleField,
      field.value?.key ?? '',
      ...cardFields.value.flatMap((one) => [one.key, ...(one.currencyField ? [one.currencyField] : [])]),
    ];
    return {
      filter: joinExpressions(filter(), columnFilter(field.value?.key ?? '', value)),
      q: q() || undefined,
      sort: view().sort?.length ? view().sort : entity().defaultSort,
      fields: [...new Set(wanted)],
      limit: PAGE,
      after,
    };
  }

  /** The next records of a column; `fresh` begins again without emptying it first. */
  async function load(value: string | null, fresh = false): Promise<void> {
    const state = states.value.get(value) ?? { records: [], next: null, isLoading: false, failed: false };
    if (state.isLoading && !fresh) return;
    const mine = round;
    states.value.set(value, { ...state, isLoading: true, failed: false });
    try {
      const { data, page } = await listRecords(
        entity().id,
        query(value, fresh ? undefined : (state.next ?? undefined)),
      );
      if (mine === round)
        states.value.set(value, {
          records: fresh ? data : [...state.records, ...data],
          next: page.next,
          isLoading: false,
          failed: false,
        });
    } catch {
      if (mine === round) states.value.set(value, { ...state, isLoading: false, failed: true });
    }
  }
  function loadAll(): void {
    round++;
    for (const column of columns.value) void load(column.value, true);
  }

  /** Puts a card into another column at once; takes it back where the server refuses. */
  async function move(record: RecordData, to: string | null): Promise<void> {
    const key = field.value?.key ?? '';
    const from = (record[key] as string | null) ?? null;
    if (from === to) return;
    const [before, countsBefore] = [new Map(states.value), counts.value];
    place(record, from, to, key);
    counts.value = moveCount(counts.value, from, to);
    try {
      const saved = await updateRecord(entity().id, String(record.id), { [key]: to }, Number(record.version));
      const state = states.value.get(to);
      if (state)
        states.value.set(to, {
          ...state,
          records: state.records.map((one) =>
            one.id === record.id ? { ...one, version: saved.version ?? null } : one,
          ),
        });
      void queries.invalidateQueries({ queryKey: keys.record(entity().id, String(record.id)) });
    } catch (error) {
      states.value = before;
      counts.value = countsBefore;
      const isStale = error instanceof ApiProblem && error.status === 412;
      toast({
        kind: 'error',
        text: isStale ? t('board.stale', { title: catalog.titleOf(entity().id, record) }) : problemText(error).title,
      });
      if (isStale) loadAll();
    }
  }
  function place(record: RecordData, from: string | null, to: string | null, key: string): void {
    const source = states.value.get(from);
    if (source) states.value.set(from, { ...source, records: source.records.filter((one) => one.id !== record.id) });
    const target = states.value.get(to) ?? { records: [], next: null, isLoading: false, failed: false };
    const others = target.records.filter((one) => one.id !== record.id);
    const at = target.records.findIndex((one) => one.id === record.id);
    const moved = { ...record, [key]: to };
    states.value.set(to, {
      ...target,
      records: at < 0 ? [moved, ...others] : [...others.slice(0, at), moved, ...others.slice(at)],
    });
  }

  watch(
    () => counting.data.value,
    (rows) => rows && (counts.value = countsOf(rows, field.value?.key ?? '')),
    { immediate: true },
  );
  const shape = computed(() =>
    JSON.stringify([entity().id, field.value?.key, filter(), q(), view().sort, cardFields.value.map((one) => one.key)]),
  );
  const names = computed(() => JSON.stringify(columns.value.map((column) => column.value)));
  watch(shape, () => (round++, (states.value = new Map())));
  // What others change comes with the counts, which the live connection refreshes.
  watch([shape, names, () => counting.dataUpdatedAt.value], loadAll, { immediate: true });

  return {
    field,
    cardFields,
    columns,
    counts,
    states,
    error: counting.error,
    isPending: counting.isPending,
    refetch: counting.refetch,
    load,
    move,
  };
}
