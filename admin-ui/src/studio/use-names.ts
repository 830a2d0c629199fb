import { useCatalog } from '../meta/index.js';
import { textOf } from './document.js';
import type { Names } from './summary.js';
import { useDraftCatalog } from './use-draft-catalog.js';
import { useLocalDocuments } from './use-local-documents.js';

/** What people call definitions and fields, in the language of the page; the id where nothing says it. */
export function useNames(): Names {
  const catalog = useCatalog();
  const draft = useDraftCatalog();
  const local = useLocalDocuments();
  return {
    definition: (type, id) => {
      if (type === 'entity') return draft.entityOf(id)?.title ?? id;
      const known = {
        view: catalog.catalog?.views,
        form: catalog.catalog?.forms,
        navigation: catalog.catalog?.navigation,
      };
      const listed = known[type as keyof typeof known]?.find((one) => one.id === id)?.title;
      return textOf(local.documentOf(type, id), 'title') || local.textAt(type, id, '/title') || listed || id;
    },
    field: (entity, key) => draft.fieldOf(entity, key)?.title ?? key,
    text: (type, id, at) => local.textAt(type, id, at),
  };
}
