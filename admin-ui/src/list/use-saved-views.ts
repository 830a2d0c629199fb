import { useQuery, useQueryClient } from '@tanstack/vue-query';
import type { Ref } from 'vue';
import { computed } from 'vue';
import type { Json, RecordData } from '../api/index.js';
import { createRecord, deleteRecord, keys, listRecords, updateRecord } from '../api/index.js';
import type { CatalogView } from '../meta/index.js';
import { useCatalog, useSession } from '../meta/index.js';
import type { ListTab } from './list-state.js';

const savedView = 'core.savedView';

/** Views that users saved: records of `core.savedView`, private or shared. Empty where the kernel entity cannot be read. */
export function useSavedViews(entity: Ref<string>) {
  const queries = useQueryClient();
  const catalog = useCatalog();
  const session = useSession();
  const readable = computed(() => catalog.entityOf(savedView)?.permissions.read ?? false);
  const { data, isPending } = useQuery({
    queryKey: computed(() => keys.list(savedView, { filter: entity.value })),
    queryFn: ({ signal }) =>
      listRecords(
        savedView,
        { filter: `entity == ${JSON.stringify(entity.value)}`, sort: ['name'], limit: 200 },
        signal,
      ),
    enabled: readable,
    staleTime: 60_000,
  });
  const tabs = computed<ListTab[]>(() =>
    (data.value?.data ?? []).flatMap((record) => tabOf(record, session.user?.id ?? '') ?? []),
  );
  const refresh = () => queries.invalidateQueries({ queryKey: keys.entity(savedView) });

  return {
    tabs,
    isLoading: computed(() => readable.value && isPending.value),
    canSave: computed(() => catalog.entityOf(savedView)?.permissions.create ?? false),
    /** Answers the id of the new tab. */
    async create(name: string, document: Omit<CatalogView, 'id'>, shared: boolean): Promise<string> {
      const record = await createRecord(savedView, {
        name,
        entity: entity.value,
        document: document as unknown as Json,
        shared,
      });
      await refresh();
      return tabId(String(record.id));
    },
    async update(
      tab: ListTab,
      values: { name?: string; document?: Omit<CatalogView, 'id'>; shared?: boolean },
    ): Promise<void> {
      if (tab.saved === undefined) return;
      await updateRecord(savedView, tab.saved.id, values as unknown as RecordData, tab.saved.version);
      await refresh();
    },
    async remove(tab: ListTab): Promise<void> {
      if (tab.saved === undefined) return;
      await deleteRecord(savedView, tab.saved.id);
      await refresh();
    },
  };
}

const tabId = (recordId: string) => `saved:${recordId}`;

function tabOf(record: RecordData, userId: string): ListTab | null {
  const document = record.document;
  if (typeof document !== 'object' || document === null || Array.isArray(document) || !Array.isArray(document.columns))
    return null;
  const id = tabId(String(record.id));
  const title = String(record.name ?? '');
  const owner = record.ownerId ?? record.createdBy;
  const mine = typeof owner === 'object' && owner !== null && !Array.isArray(owner) && owner.id === userId;
  return {
    id,
    title,
    view: { ...(document as unknown as CatalogView), id, title },
    saved: { id: String(record.id), shared: record.shared === true, mine, version: Number(record.version) },
  };
}
