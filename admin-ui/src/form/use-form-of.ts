import type { ComputedRef } from 'vue';
import { computed } from 'vue';
import type { CatalogEntity, CatalogForm } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';
import { pickForm } from './pick-form.js';
import { useConditions } from './use-conditions.js';

/** The form in which a record is shown, as its values are now. */
export function useFormOf(
  entity: () => CatalogEntity | undefined,
  record: () => Readonly<Record<string, unknown>>,
): ComputedRef<CatalogForm | undefined> {
  const catalog = useCatalog();
  const forms = computed(() =>
    (catalog.catalog?.forms ?? [])
      .filter((form) => form.entity === entity()?.id)
      .sort((a, b) => (a.order ?? 100) - (b.order ?? 100)),
  );
  const sources = computed(() => forms.value.flatMap((form) => (form.when ? [form.when] : [])));
  const holds = useConditions(entity, () => sources.value, record);
  return computed(() => {
    const type = record().recordType;
    const formOfType = entity()?.recordTypes?.find((one) => one.id === type)?.form;
    const isTrue = (when: string): boolean => holds.value[sources.value.indexOf(when)] === true;
    return pickForm(forms.value, { type, formOfType }, isTrue) ?? undefined;
  });
}
