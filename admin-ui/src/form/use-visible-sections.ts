import type { ComputedRef } from 'vue';
import { computed, shallowRef } from 'vue';
import { useCatalog, useFormatEnv, useSession } from '../meta/index.js';
import type { CatalogEntity } from '../meta/index.js';
import type { Condition } from './conditions.js';
import type { LayoutSection } from './layout.js';

/**
 * The sections whose `showWhen` holds for the record as it stands now. The expression room is loaded only where a section
 * has a condition; until then such sections are hidden, so that nothing appears and goes again.
 */
export function useVisibleSections(
  entity: () => CatalogEntity,
  sections: () => LayoutSection[],
  record: () => object,
): ComputedRef<LayoutSection[]> {
  const catalog = useCatalog();
  const session = useSession();
  const format = useFormatEnv();
  const room = shallowRef<typeof import('./conditions.js') | null>(null);
  const needed = computed(() => sections().some((section) => section.showWhen !== null));
  const conditions = computed<Map<string, Condition>>(() => {
    if (!needed.value) return new Map();
    const loaded = room.value;
    if (loaded === null) {
      void import('./conditions.js').then((next) => (room.value = next));
      return new Map();
    }
    return new Map(
      sections().flatMap((section) =>
        section.showWhen ? [[section.id, loaded.conditionOf(section.showWhen, entity(), catalog.entityOf)]] : [],
      ),
    );
  });
  // One boolean a section: the list changes only where one of them does, not with every keystroke.
  const shown = computed(() => {
    const env = {
      now: new Date(),
      zone: format.value.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      me: session.user?.id ?? null,
    };
    return sections()
      .map((section) =>
        section.showWhen === null || conditions.value.get(section.id)?.(record(), env) === true ? '1' : '0',
      )
      .join('');
  });
  return computed(() => {
    const flags = shown.value;
    return sections().filter((_, index) => flags[index] === '1');
  });
}
