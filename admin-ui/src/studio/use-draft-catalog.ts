import { defineStore } from 'pinia';
import { computed } from 'vue';
import type { CatalogEntity, CatalogField } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';
import { draftEntity, draftLists } from './draft-entity.js';
import type { FindKindred } from './draft-entity.js';
import { useChanges } from './use-changes.js';
import { useLocalDocuments } from './use-local-documents.js';

/**
 * The catalog as it will be: entities and fields that are only in the change set are there too, so that forms, views, formulas
 * and conditions can name them before anything is applied.
 */
export const useDraftCatalog = defineStore('studio-catalog', () => {
  const catalog = useCatalog();
  const changes = useChanges();
  const local = useLocalDocuments();

  const kindred = computed<FindKindred>(() => {
    const byKind = new Map<string, CatalogField>();
    const byType = new Map<string, CatalogField>();
    for (const { fields } of catalog.catalog?.entities ?? [])
      for (const field of fields) {
        if (!byKind.has(field.kind)) byKind.set(field.kind, field);
        if (!byType.has(field.exprType)) byType.set(field.exprType, field);
      }
    return (kind, exprType) => byKind.get(kind) ?? byType.get(exprType);
  });
  const drafts = computed<ReadonlyMap<string, CatalogEntity>>(() => {
    const touched = changes.operations.filter((operation) => operation.type === 'entity').map(({ id }) => id);
    const documents = [...new Set(touched)].flatMap((id) => {
      const document = local.documentOf('entity', id);
      return document ? [{ id, document }] : [];
    });
    const base = catalog.browsable[0];
    const made = new Map(
      documents.map(({ id, document }) => [id, draftEntity(id, document, catalog.entityOf(id), base, kindred.value)]),
    );
    for (const { id, document } of documents) {
      const entity = made.get(id);
      for (const { on, related } of entity ? draftLists(entity, document) : []) {
        const target = made.get(on) ?? catalog.entityOf(on);
        if (target && !target.related.some((one) => one.key === related.key))
          made.set(on, { ...target, related: [...target.related, related] });
      }
    }
    return made;
  });
  /** Entities that people browse, pending ones too. */
  const browsable = computed(() => {
    const known = catalog.browsable.map((entity) => drafts.value.get(entity.id) ?? entity);
    return [...known, ...[...drafts.value.values()].filter((entity) => catalog.entityOf(entity.id) === undefined)];
  });

  function entityOf(id: string): CatalogEntity | undefined {
    return drafts.value.get(id) ?? catalog.entityOf(id);
  }

  function fieldOf(entity: string, key: string): CatalogField | undefined {
    return entityOf(entity)?.fields.find((field) => field.key === key);
  }

  /** The field at the end of a path over to-one links, e.g. `company.name`. */
  function fieldAt(entity: string, path: string): CatalogField | undefined {
    const [first = '', ...rest] = path.split('.');
    const field = fieldOf(entity, first);
    if (field === undefined || rest.length === 0) return field;
    const target = field.to?.[0];
    return target === undefined ? undefined : fieldAt(target, rest.join('.'));
  }

  return { browsable, kindred, entityOf, fieldOf, fieldAt };
});
