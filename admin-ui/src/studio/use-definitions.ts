import { useQuery } from '@tanstack/vue-query';
import { computed, ref, watch } from 'vue';
import { keys, listDefinitions } from '../api/index.js';
import { useCatalog } from '../meta/index.js';
import type { Json } from './document.js';
import { freeId } from './layout-model.js';
import { useChanges } from './use-changes.js';
import { useLocalDocuments } from './use-local-documents.js';
import { useTexts } from './use-texts.js';
import type { Texts } from './use-texts.js';

/** The definitions of a type over an entity, made ones included, and the one that is being edited. */
export function useDefinitions(type: string, entity: () => string) {
  const changes = useChanges();
  const catalog = useCatalog();
  const local = useLocalDocuments();
  const { recordTexts } = useTexts();
  const { data, isPending } = useQuery({
    queryKey: keys.admin('definitions', type),
    queryFn: () => listDefinitions(type),
  });
  const chosen = ref('');
  const isMade = (id: string): boolean => changes.made.some((one) => one.type === type && one.id === id);
  const ids = computed(() => {
    const made = changes.made
      .filter((one) => one.type === type && 'value' in one && (one.value as Json).entity === entity())
      .map((one) => one.id);
    const known = (data.value ?? []).filter((row) => row.entity === entity()).map((row) => row.id);
    return [...new Set([...known, ...made])].filter((id) => !changes.isRemoved(type, id));
  });
  const document = computed(() => (chosen.value === '' ? undefined : changes.documentOf(type, chosen.value)));

  watch(
    ids,
    (now) => {
      if (!now.includes(chosen.value)) chosen.value = now[0] ?? '';
    },
    { immediate: true },
  );
  watch(
    [chosen, () => catalog.catalog?.epoch],
    ([id]) => {
      if (id !== '' && !isMade(id)) void changes.load(type, id);
    },
    { immediate: true },
  );

  /** Its title as it will be; before it is loaded as the server lists it. */
  function titleOf(id: string): string {
    const plain = changes.documentOf(type, id)?.title ?? data.value?.find((row) => row.id === id)?.title;
    const title = local.textAt(type, id, '/title') || plain;
    return typeof title === 'string' && title !== '' ? title : id;
  }

  /** Sets a keyword of the chosen one, or takes it out where the value is empty. */
  function set(at: string, value: unknown): void {
    const of = { type, id: chosen.value };
    const isEmpty =
      value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
    changes.record(isEmpty ? { ...of, op: 'unset', at } : { ...of, op: 'set', at, value });
  }

  /** A name that no definition of this type has, e.g. `company-2`; not that of one which is about to go either. */
  function freeName(stem: string): string {
    const known = [...(data.value ?? []), ...changes.operations.filter((one) => one.type === type)];
    return freeId(
      known.map(({ id }) => id.slice(id.indexOf('.') + 1)),
      stem,
    );
  }

  /** Makes another one, with its name in other languages, and edits it. */
  function make(id: string, value: Json, texts: Texts = {}): void {
    changes.record({ type, id, op: 'set', at: '', value });
    recordTexts(type, id, { '/title': texts });
    chosen.value = id;
  }

  /** Removes one that the workspace made. */
  function remove(id: string): void {
    changes.removeWhole(type, id);
  }

  return { ids, chosen, document, isPending, titleOf, set, make, freeName, remove };
}
