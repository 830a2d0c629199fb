import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, ref } from 'vue';
import { useI18n } from 'vue-i18n';
import type { RecordData } from '../api/index.js';
import { deleteRecord, keys, listRecords, restoreRecord, uploadFile } from '../api/index.js';
import { useProblemText } from '../meta/index.js';
import { toast } from '../ui/index.js';
import { relatedFilter } from './related-lists.js';

/** The kernel's entity of stored files. */
export const ATTACHMENT = 'core.attachment';

export interface Upload {
  key: number;
  name: string;
  /** 0 to 100. */
  percent: number;
  problem: string;
}

/** The files of one record: list, upload, delete with a way back. */
export function useAttachments(here: () => { entity: string; id: string }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const uploads = ref<Upload[]>([]);
  let lastKey = 0;

  const asked = computed(() => ({
    filter: relatedFilter('anyLink', 'record', here().id),
    sort: ['-createdAt'],
    limit: 100,
  }));
  const query = useQuery({
    queryKey: computed(() => keys.list(ATTACHMENT, asked.value)),
    queryFn: ({ signal }) => listRecords(ATTACHMENT, asked.value, signal),
  });
  const files = computed<RecordData[]>(() => query.data.value?.data ?? []);
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: keys.entity(ATTACHMENT) });

  /** Sends files one after the other; what fails stays in the list with the reason. */
  async function add(list: Iterable<File>): Promise<void> {
    const record = here();
    const waiting = [...list].map((file) => ({
      file,
      upload: { key: ++lastKey, name: file.name, percent: 0, problem: '' },
    }));
    uploads.value = [...uploads.value, ...waiting.map(({ upload }) => upload)];
    for (const { file, upload } of waiting) {
      const shown = uploads.value.find((one) => one.key === upload.key) ?? upload;
      try {
        await uploadFile(file, { record, onProgress: (share) => (shown.percent = Math.round(share * 100)) });
        dismiss(upload.key);
        await refresh();
      } catch (error) {
        shown.problem = problemText(error).title;
      }
    }
  }
  function dismiss(key: number): void {
    uploads.value = uploads.value.filter((one) => one.key !== key);
  }

  async function remove(file: RecordData): Promise<void> {
    const id = String(file.id);
    try {
      await deleteRecord(ATTACHMENT, id);
      await refresh();
      toast({
        text: t('record.files.deleted', { name: String(file.name) }),
        action: { label: t('record.undo'), run: () => void restoreRecord(ATTACHMENT, id).then(refresh) },
      });
    } catch (error) {
      toast({ kind: 'error', text: problemText(error).title });
    }
  }

  return {
    files,
    uploads,
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    add,
    dismiss,
    remove,
  };
}
