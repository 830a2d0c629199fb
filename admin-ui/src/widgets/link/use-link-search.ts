import { onScopeDispose, ref, toValue, watch } from 'vue';
import type { MaybeRefOrGetter } from 'vue';
import type { LinkValue } from '../../api/index.js';
import { listRecords } from '../../api/index.js';
import { useCatalog } from '../../meta/index.js';

/** Typing faster than this asks once. */
const PAUSE_MS = 160;
const LIMIT = 20;

/** Records of an entity by words, as `{id, title}`; the last question wins. */
export function useLinkSearch(entity: MaybeRefOrGetter<string>) {
  const catalog = useCatalog();
  const found = ref<LinkValue[]>([]);
  const isLoading = ref(false);
  const failed = ref(false);
  let abort: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Asks after a short pause; at once for the empty question (the first records). */
  function search(words: string): void {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(words.trim()), words === '' ? 0 : PAUSE_MS);
  }

  async function ask(words: string): Promise<void> {
    const target = toValue(entity);
    const titleField = catalog.entityOf(target)?.titleField;
    if (titleField === undefined) return;
    abort?.abort();
    const mine = (abort = new AbortController());
    isLoading.value = true;
    try {
      const { data } = await listRecords(
        target,
        { q: words || undefined, fields: ['id', titleField], limit: LIMIT },
        mine.signal,
      );
      found.value = data.map((record) => ({ id: String(record.id), title: catalog.titleOf(target, record) }));
      failed.value = false;
    } catch {
      if (!mine.signal.aborted) failed.value = true;
    } finally {
      if (abort === mine) isLoading.value = false;
    }
  }

  watch(
    () => toValue(entity),
    () => (found.value = []),
  );
  onScopeDispose(() => {
    clearTimeout(timer);
    abort?.abort();
  });
  return { found, isLoading, failed, search };
}
