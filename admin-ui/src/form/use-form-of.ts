import type { ComputedRef } from 'vue';
import { computed } from 'vue';
import type { CatalogEntity, CatalogForm } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';
import { useConditions } from './use-conditions.js';

/**
 * The form in which a record is shown: the one of its record type; else, of those that fit by record type and condition, the
 * first in their order; else the default one. Roles were judged by the server.
 */
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
    const named = entity()?.recordTypes?.find((one) => one.id === type)?.form;
    const ofType = forms.value.find((form) => form.id === named);
    if (ofType) return ofType;
    const isChosen = (form: CatalogForm): boolean => form.when !== undefined || (form.recordTypes?.length ?? 0) > 0;
    const fits = (form: CatalogForm): boolean =>
      (!form.recordTypes?.length || form.recordTypes.includes(String(type))) &&
      (form.when === undefined || holds.value[sources.value.indexOf(form.when)] === true);
    return (
      forms.value.find((form) => isChosen(form) && fits(form)) ??
      forms.value.find((form) => form.default) ??
      forms.value.find((form) => !isChosen(form)) ??
      forms.value[0]
    );
  });
}
