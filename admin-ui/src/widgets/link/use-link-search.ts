import { onScopeDispose, ref, toValue, watch } from 'vue';
import type { MaybeRefOrGetter } from 'vue';
import type { LinkValue } from '../../api/index.js';
import { listRecords } from '../../api/index.js';
import { useCatalog } from '../../meta/index.js';
import type { OfferedOption } from '../choice/offered-options.js';
import { heldOptions } from '../choice/offered-options.js';

/** Typing faster than this asks once. */
const PAUSE_MS = 160;
const LIMIT = 20;

/**
 * Records of an entity by words, as `{id, title}`; the last question wins. `types` tells of what stands for things of several
 * kinds (an owner: a user, a team, a territory) which kind it is, by id. `answered`: the words that `found` answers.
 */
export function useLinkSearch(entity: MaybeRefOrGetter<string>) {
  const catalog = useCatalog();
  const found = ref<LinkValue[]>([]);
  const types = ref(new Map<string, OfferedOption>());
  const answered = ref('');
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
    const { titleField, hidden, fields = [] } = catalog.entityOf(target) ?? {};
    if (titleField === undefined) return;
    // Nobody browses such an entity: its records are met here, and look alike without it.
    const typeField = hidden ? fields.find(({ kind, system }) => kind === 'choice' && !system) : undefined;
    abort?.abort();
    const mine = (abort = new AbortController());
    isLoading.value = true;
    try {
      const { data } = await listRecords(
        target,
        {
          q: words || undefined,
          fields: ['id', titleField, ...(typeField ? [typeField.key] : [])],
          limit: LIMIT,
        },
        mine.signal,
      );
      if (typeField) for (const record of data) learn(String(record.id), heldOptions(typeField, record[typeField.key]));
      found.value = data.map((record) => ({ id: String(record.id), title: catalog.titleOf(target, record) }));
      answered.value = words;
      failed.value = false;
    } catch {
      if (mine.signal.aborted) return;
      found.value = [];
      failed.value = true;
    } finally {
      if (abort === mine) isLoading.value = false;
    }
  }

  function learn(id: string, [type]: OfferedOption[]): void {
    if (type) types.value.set(id, type);
  }

  watch(
    () => toValue(entity),
    () => (found.value = []),
  );
  onScopeDispose(() => {
    clearTimeout(timer);
    abort?.abort();
  });
  return { found, answered, types, isLoading, failed, search };
}
