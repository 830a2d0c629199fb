import { useQuery } from '@tanstack/vue-query';
import type { ComputedRef } from 'vue';
import { computed, watch } from 'vue';
import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { keys, listDefinitions } from '../api/index.js';
import { pointer } from './document.js';
import type { Json } from './document.js';
import { sectionsOf } from './layout-model.js';
import { useChanges } from './use-changes.js';

/**
 * The operation that puts a new field at the end of the first section of the entity's default form, so that it is seen at once;
 * null where the entity has no form (then all fields are shown).
 */
export function usePlaceOnForm(entity: () => string): ComputedRef<((field: string) => WorkspaceOperation) | null> {
  const changes = useChanges();
  const { data } = useQuery({ queryKey: keys.admin('definitions', 'form'), queryFn: () => listDefinitions('form') });
  const known = computed(() => (data.value ?? []).filter((row) => row.entity === entity()).map((row) => row.id));
  watch(known, (ids) => ids.forEach((id) => void changes.load('form', id)), { immediate: true });
  return computed(() => {
    const made = changes.made
      .filter((one) => one.type === 'form' && 'value' in one && (one.value as Json).entity === entity())
      .map((one) => one.id);
    const forms = [...new Set([...known.value, ...made])].flatMap((id) => {
      const document = changes.documentOf('form', id);
      return document ? [{ id, document }] : [];
    });
    const form = forms.find(({ document }) => document.default === true) ?? forms[0];
    const section = form && sectionsOf(form.document)[0];
    if (!form || !section) return null;
    return (field) => ({
      type: 'form',
      id: form.id,
      op: 'insert-before',
      at: pointer('sections', section.id, 'fields', field),
      value: { field },
      before: null,
    });
  });
}
