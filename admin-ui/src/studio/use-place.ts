import { useQuery } from '@tanstack/vue-query';
import type { ComputedRef } from 'vue';
import { computed, watch } from 'vue';
import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { keys, listDefinitions } from '../api/index.js';
import { listOf, objectOf, pointer } from './document.js';
import type { Json } from './document.js';
import { sectionsOf } from './layout-model.js';
import { useChanges } from './use-changes.js';

/** Makes the operation that puts a field somewhere. */
export type PlaceField = (field: string) => WorkspaceOperation;

/**
 * Puts a new field at the end of the first section of the entity's default form, so that it is seen at once; null where the
 * entity has no form (then all fields are shown).
 */
export function usePlaceOnForm(entity: () => string): ComputedRef<PlaceField | null> {
  const form = useDefaultOf('form', entity);
  return computed(() => {
    const { value: at } = form;
    const section = at && sectionsOf(at.document)[0];
    if (!section) return null;
    return (field) => ({
      type: 'form',
      id: at.id,
      op: 'insert-before',
      at: pointer('sections', section.id, 'fields', field),
      value: { field },
      before: null,
    });
  });
}

/**
 * Puts a new field into the entity's default list, before who and when (owner, created, changed); null where there is no list that
 * names its columns.
 */
export function usePlaceOnList(entity: () => string, document: () => Json): ComputedRef<PlaceField | null> {
  const view = useDefaultOf('view', entity, (one) => one.type === 'list');
  return computed(() => {
    const { value: at } = view;
    const columns = listOf<{ field: string }>(at?.document, 'columns').map((column) => column.field);
    if (!at || columns.length === 0) return null;
    const own = objectOf(document(), 'properties');
    const tail = columns.findLastIndex((path) => path.includes('.') || Object.hasOwn(own, path)) + 1;
    return (field) => ({
      type: 'view',
      id: at.id,
      op: 'insert-before',
      at: pointer('columns', field),
      value: { field },
      before: columns[tail] ?? null,
    });
  });
}

/** The definition of a type that an entity takes by default, pending ones too; else the first that fits. */
function useDefaultOf(type: string, entity: () => string, fits: (document: Json) => boolean = () => true) {
  const changes = useChanges();
  const { data } = useQuery({ queryKey: keys.admin('definitions', type), queryFn: () => listDefinitions(type) });
  const known = computed(() => (data.value ?? []).filter((row) => row.entity === entity()).map((row) => row.id));
  watch(known, (ids) => ids.forEach((id) => void changes.load(type, id)), { immediate: true });
  return computed(() => {
    const made = changes.made
      .filter((one) => one.type === type && 'value' in one && (one.value as Json).entity === entity())
      .map((one) => one.id);
    const found = [...new Set([...known.value, ...made])].flatMap((id) => {
      const document = changes.isRemoved(type, id) ? undefined : changes.documentOf(type, id);
      return document && fits(document) ? [{ id, document }] : [];
    });
    return found.find(({ document }) => document.default === true) ?? found[0] ?? null;
  });
}
