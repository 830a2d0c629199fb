import { useQuery } from '@tanstack/vue-query';
import { computed, watch } from 'vue';
import { keys, listDefinitions } from '../../api/index.js';
import { useCatalog } from '../../meta/index.js';
import { textOf } from '../document.js';
import type { Json } from '../document.js';
import { freeId } from '../layout-model.js';
import { useChanges } from '../use-changes.js';
import { useLocalDocuments } from '../use-local-documents.js';

/** A definition of a kind of which there are few, as it will be. */
export interface ListedDocument {
  id: string;
  document: Json;
  /** In the language of the page. */
  title: string;
  /** The workspace made it, so that it can be removed. */
  isOwn: boolean;
}

/** All definitions of a type with their documents: those of plugins, the workspace's, and those that only the change set makes. */
export function useDocuments(type: string) {
  const changes = useChanges();
  const catalog = useCatalog();
  const local = useLocalDocuments();
  const { data, isPending, error, refetch } = useQuery({
    queryKey: keys.admin('definitions', type),
    queryFn: () => listDefinitions(type),
  });
  const made = computed(() => changes.made.filter((one) => one.type === type).map((one) => one.id));
  const ids = computed(() =>
    [...new Set([...(data.value ?? []).map((row) => row.id), ...made.value])].filter(
      (id) => !changes.isRemoved(type, id),
    ),
  );
  watch(
    [() => data.value, () => catalog.catalog?.epoch],
    // What is gone by now is told by the plan.
    ([rows]) => void Promise.all((rows ?? []).map((row) => changes.load(type, row.id).catch(() => undefined))),
    { immediate: true },
  );
  const documents = computed<ListedDocument[]>(() =>
    ids.value
      .flatMap((id) => {
        const document = changes.documentOf(type, id);
        if (document === undefined) return [];
        const title = textOf(local.localized(type, id, document), 'title') || id;
        return [{ id, document, title, isOwn: id.startsWith('x.') }];
      })
      .sort((a, b) => a.title.localeCompare(b.title)),
  );
  /** Still waiting for some of the documents. */
  const isLoading = computed(() => isPending.value || documents.value.length < ids.value.length);

  /** An id of the workspace that none has, made of a title. */
  function freeName(stem: string): string {
    const all = [...(data.value ?? []), ...changes.operations.filter((one) => one.type === type)];
    const known = all.map(({ id }) => id.slice(id.indexOf('.') + 1));
    return `x.${known.includes(stem) ? freeId(known, stem) : stem}`;
  }

  return { documents, isLoading, error, refetch, freeName };
}
