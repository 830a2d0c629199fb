import { useQueryClient } from '@tanstack/vue-query';
import type { Ref } from 'vue';
import { computed, ref } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Json, RecordData } from '../api/index.js';
import { bulkRecords, bulkWhere, keys, listRecords, restoreRecord } from '../api/index.js';
import type { CatalogEntity, CatalogField } from '../meta/index.js';
import { useCatalog, useCodeText, useProblemText } from '../meta/index.js';
import { confirm, toast } from '../ui/index.js';
import { written } from '../widgets/index.js';
import { dropCachedRows } from './row-cache.js';
import type { useSelection } from './use-selection.js';
import type { useInlineEdit } from './use-inline-edit.js';

interface BulkInput {
  entity: Ref<CatalogEntity>;
  rows: Ref<RecordData[]>;
  filter: Ref<string | undefined>;
  q: Ref<string>;
  selection: ReturnType<typeof useSelection>;
  edit: ReturnType<typeof useInlineEdit>;
}

const named = 5;

/** What can be done to the selected rows, or to all that match: change one field, delete, and take both back. */
export function useBulk({ entity, rows, filter, q, selection, edit }: BulkInput) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const catalog = useCatalog();
  const problemText = useProblemText();
  const codeText = useCodeText();
  const busy = ref(false);
  const selected = computed(() => rows.value.filter((row) => selection.ids.value.has(String(row.id))));

  /** How many records an act would touch; asks the server where all that match are meant. */
  async function countOf(): Promise<number> {
    if (!selection.allMatching.value) return selected.value.length;
    const { page } = await listRecords(entity.value.id, {
      filter: filter.value,
      q: q.value || undefined,
      fields: ['id'],
      limit: 1,
      count: 'exact',
    });
    return page.count ?? 0;
  }

  async function guarded(run: () => Promise<void>): Promise<void> {
    busy.value = true;
    try {
      await run();
    } catch (error) {
      const words = problemText(error);
      toast({ text: [words.title, words.hint].filter(Boolean).join(' '), kind: 'error' });
    } finally {
      busy.value = false;
    }
  }

  const refresh = () => queries.invalidateQueries({ queryKey: keys.entity(entity.value.id) });

  function changeField(field: CatalogField, value: unknown, patch: Record<string, unknown>): Promise<void> {
    const values = { [field.key]: written(field, value) as Json, ...(patch as RecordData) };
    return guarded(async () => {
      if (selection.allMatching.value) {
        const { changed, refused } = await bulkWhere(entity.value.id, {
          filter: filter.value,
          q: q.value || undefined,
          patch: values,
        });
        toast({
          text:
            t('list.bulkChanged', { count: changed, field: field.title }) +
            (refused > 0 ? ` ${t('list.refusedCount', { count: refused })}` : ''),
          kind: 'success',
        });
        await refresh();
      } else {
        const shown = { [field.key]: value as Json, ...(patch as RecordData) };
        const before = new Map(
          selected.value.map((row) => [
            String(row.id),
            Object.fromEntries(Object.keys(shown).map((key) => [key, row[key] ?? null])),
          ]),
        );
        const changed = await edit.changeMany(
          selected.value.map((row) => ({
            id: String(row.id),
            values,
            shown,
            before: before.get(String(row.id)) ?? {},
          })),
        );
        await refresh();
        toast({
          text: t('list.bulkChanged', { count: changed, field: field.title }),
          kind: 'success',
          action: { label: t('common.undo'), run: () => void undoChange(field, before, shown) },
        });
      }
      selection.clear();
    });
  }

  function undoChange(field: CatalogField, before: ReadonlyMap<string, RecordData>, shown: RecordData): Promise<void> {
    return guarded(async () => {
      const back = [...before].map(([id, was]) => ({
        id,
        values: { ...was, [field.key]: written(field, was[field.key]) as Json },
        shown: was,
        before: shown,
      }));
      await edit.changeMany(back);
      await refresh();
    });
  }

  async function remove(): Promise<void> {
    const count = await countOf().catch(() => selected.value.length);
    if (count === 0) return;
    const all = selection.allMatching.value;
    const titles = all ? [] : selected.value.slice(0, named).map((row) => `• ${catalog.titleOf(entity.value.id, row)}`);
    const more = count - titles.length;
    const list = [...titles, ...(titles.length > 0 && more > 0 ? [t('list.andMore', { count: more })] : [])].join('\n');
    const yes = await confirm({
      title: t('list.deleteTitle', { count, title: count === 1 ? entity.value.title : entity.value.titlePlural }),
      text: [list, t('list.deleteText')].filter(Boolean).join('\n\n'),
      confirm: t('list.deleteConfirm', { count }),
      danger: true,
      ...(all ? { typeToConfirm: String(count) } : {}),
    });
    if (yes) await guarded(() => (all ? removeMatching() : removeSelected()));
  }

  async function removeMatching(): Promise<void> {
    const { changed } = await bulkWhere(entity.value.id, {
      filter: filter.value,
      q: q.value || undefined,
      patch: null,
    });
    selection.clear();
    await refresh();
    toast({ text: t('list.deleted', { count: changed }), kind: 'success' });
  }

  async function removeSelected(): Promise<void> {
    const ids = selected.value.map((row) => String(row.id));
    const results = await bulkRecords(
      entity.value.id,
      'delete',
      ids.map((id) => ({ id })),
    );
    const gone = results.flatMap((result) => (result.status === 'deleted' ? [result.id] : []));
    const refused = results.find((result) => result.status === 'refused');
    dropCachedRows(queries, entity.value.id, new Set(gone));
    selection.clear();
    if (refused?.status === 'refused')
      toast({
        text: t('list.someRefused', {
          count: ids.length - gone.length,
          reason: refused.issues[0] ? codeText(refused.issues[0]) : '',
        }),
        kind: 'error',
      });
    if (gone.length > 0)
      toast({
        text: t('list.deleted', { count: gone.length }),
        kind: 'success',
        action: { label: t('common.undo'), run: () => void restore(gone) },
      });
    await refresh();
  }

  function restore(ids: string[]): Promise<void> {
    return guarded(async () => {
      for (const id of ids) await restoreRecord(entity.value.id, id);
      await refresh();
      toast({ text: t('list.restored', { count: ids.length }), kind: 'success' });
    });
  }

  return { busy, selected, countOf, changeField, remove };
}
