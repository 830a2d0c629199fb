import type { ComputedRef } from 'vue';
import { computed } from 'vue';
import type { CatalogEntity } from '../meta/index.js';
import type { LayoutField, LayoutSection } from './layout.js';
import { useConditions } from './use-conditions.js';

/**
 * The sections as they stand for the record now: without sections and fields that are not shown, with what is required or
 * locked by a condition marked so. What is not known yet is hidden, so that nothing appears and goes again.
 */
export function useVisibleSections(
  entity: () => CatalogEntity,
  sections: () => LayoutSection[],
  record: () => object,
): ComputedRef<LayoutSection[]> {
  const sources = computed(() => [
    ...new Set(
      sections().flatMap(({ showWhen, readOnlyWhen, fields }) => [
        ...[showWhen, readOnlyWhen].filter((one) => one !== null),
        ...fields.flatMap(({ field }) =>
          [field.showWhen, field.requireWhen, field.readOnlyWhen].filter((one) => one !== undefined),
        ),
      ]),
    ),
  ]);
  const holds = useConditions(entity, () => sources.value, record);
  return computed(() => {
    if (sources.value.length === 0) return sections();
    const known = new Map(sources.value.map((source, i) => [source, holds.value[i] ?? null]));
    const is = (source: string | null | undefined, otherwise: boolean): boolean =>
      source === null || source === undefined ? otherwise : known.get(source) === true;
    return sections()
      .filter((section) => is(section.showWhen, true))
      .map((section) => ({
        ...section,
        fields: section.fields
          .filter(({ field }) => is(field.showWhen, true))
          .map((place): LayoutField => {
            const isRequired = place.field.required || is(place.field.requireWhen, false);
            const isLocked = is(place.field.readOnlyWhen, false) || is(section.readOnlyWhen, false);
            if (isRequired === place.field.required && !isLocked) return place;
            return {
              ...place,
              field: { ...place.field, required: isRequired, readOnly: place.field.readOnly || isLocked },
            };
          }),
      }))
      .filter((section) => section.fields.length > 0);
  });
}
