import { useQueryClient } from '@tanstack/vue-query';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import type { RecordData } from '../api/index.js';
import { deleteRecord, keys, listRecords, purgeRecord, restoreRecord } from '../api/index.js';
import type { CatalogEntity } from '../meta/index.js';
import { recordRoute, useCatalog, useProblemText, useRecent } from '../meta/index.js';
import { confirm, toast } from '../ui/index.js';
import { relatedFilter } from './related-lists.js';

/** Delete, restore, purge, copy the link of one record: each asks, does, tells, and offers the way back. */
export function useRecordActions(entity: () => CatalogEntity, record: () => RecordData, onGone: () => void) {
  const { t, n } = useI18n();
  const router = useRouter();
  const catalog = useCatalog();
  const queries = useQueryClient();
  const recent = useRecent();
  const problemText = useProblemText();
  const id = (): string => String(record().id);
  const title = (): string => catalog.titleOf(entity().id, record());
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: keys.entity(entity().id) });
  /** The page may stand open for a moment yet: what is gone is not asked for again. */
  const refreshWithout = (gone: string): Promise<void> => {
    queries.removeQueries({ queryKey: keys.record(entity().id, gone) });
    return refresh();
  };
  const fail = (error: unknown): void =>
    void toast({ kind: 'error', text: [problemText(error).title, problemText(error).hint].filter(Boolean).join(' ') });

  /** Who points here, in words: what goes along, what stays. */
  async function consequences(): Promise<string> {
    const counts = await Promise.all(
      entity().related.map(async (related) => {
        const filter = relatedFilter(related.kind, related.field, id());
        const count = await listRecords(related.entity, { filter, fields: ['id'], limit: 1, count: 'exact' }).then(
          (answer) => answer.page.count ?? answer.data.length,
          () => 0,
        );
        return { related, count };
      }),
    );
    const words = (goes: boolean): string => {
      const named = counts.filter(({ related, count }) => count > 0 && (related.onDelete === 'cascade') === goes);
      return named
        .map(({ related, count }) => t('record.delete.count', { count: n(count), list: related.title }))
        .join(', ');
    };
    const [along, stay] = [words(true), words(false)];
    return [
      t('record.delete.text'),
      along && t('record.delete.along', { list: along }),
      stay && t('record.delete.stay', { list: stay }),
    ]
      .filter(Boolean)
      .join(' ');
  }

  async function remove(): Promise<void> {
    const [name, here, version] = [title(), id(), Number(record().version)];
    if (
      !(await confirm({
        title: t('record.delete.title', { title: name }),
        text: await consequences(),
        confirm: t('record.delete.confirm'),
        danger: true,
      }))
    )
      return;
    try {
      await deleteRecord(entity().id, here, version);
      recent.drop(entity().id, here);
      await refreshWithout(here);
      toast({
        kind: 'success',
        text: t('record.delete.done', { title: name }),
        action: { label: t('record.undo'), run: () => void restore(here) },
      });
      onGone();
    } catch (error) {
      fail(error);
    }
  }

  async function restore(which = id()): Promise<void> {
    try {
      await restoreRecord(entity().id, which);
      await refresh();
      toast({ kind: 'success', text: t('record.restored') });
    } catch (error) {
      fail(error);
    }
  }

  async function purge(): Promise<void> {
    const [name, here] = [title(), id()];
    if (
      !(await confirm({
        title: t('record.purge.title', { title: name }),
        text: t('record.purge.text'),
        confirm: t('record.purge.confirm'),
        danger: true,
        typeToConfirm: name,
      }))
    )
      return;
    try {
      await purgeRecord(entity().id, here);
      await refreshWithout(here);
      toast({ kind: 'success', text: t('record.purge.done', { title: name }) });
      onGone();
    } catch (error) {
      fail(error);
    }
  }

  async function copyLink(): Promise<void> {
    await navigator.clipboard.writeText(
      new URL(router.resolve(recordRoute(entity().id, id())).href, location.origin).href,
    );
    toast({ kind: 'success', text: t('record.linkCopied') });
  }

  return { remove, restore, purge, copyLink };
}
