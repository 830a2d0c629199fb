import { useQueryClient } from '@tanstack/vue-query';
import { useI18n } from 'vue-i18n';
import type { LinkValue, RecordData } from '../api/index.js';
import { getRecord, keys, updateRecord } from '../api/index.js';
import { useCatalog, useProblemText } from '../meta/index.js';
import { toast } from '../ui/index.js';
import type { RelatedList } from './related-lists.js';

/** Makes existing records of a related list point here, or no longer; both can be undone. */
export function useLinking(list: () => RelatedList, here: () => { entity: string; id: string }) {
  const { t } = useI18n();
  const catalog = useCatalog();
  const queries = useQueryClient();
  const problemText = useProblemText();

  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: keys.entity(list().entity.id) });

  function pointing(): RecordData {
    const { related } = list();
    const { entity, id } = here();
    if (related.kind === 'links') return { [related.field]: { add: [{ id }] } };
    return { [related.field]: related.kind === 'anyLink' ? { entity, id } : id };
  }
  function notPointing(): RecordData {
    const { related } = list();
    return { [related.field]: related.kind === 'links' ? { remove: [here().id] } : null };
  }

  async function write(id: string, values: RecordData): Promise<boolean> {
    try {
      const { version } = await getRecord(list().entity.id, id, undefined, ['id', 'version']);
      await updateRecord(list().entity.id, id, values, Number(version));
      await refresh();
      return true;
    } catch (error) {
      toast({ kind: 'error', text: problemText(error).title });
      return false;
    }
  }

  /** True where it worked. */
  async function link(target: LinkValue): Promise<boolean> {
    const done = await write(target.id, pointing());
    if (done) toast({ kind: 'success', text: t('record.related.linked', { title: target.title ?? '' }) });
    return done;
  }

  async function unlink(row: RecordData): Promise<void> {
    const id = String(row.id);
    const title = catalog.titleOf(list().entity.id, row);
    if (await write(id, notPointing()))
      toast({
        kind: 'success',
        text: t('record.related.unlinked', { title }),
        action: { label: t('record.undo'), run: () => void write(id, pointing()) },
      });
  }

  return { link, unlink };
}
