import type { ComputedRef } from 'vue';
import { computed, shallowRef } from 'vue';
import { useCatalog, useFormatEnv, useSession } from '../meta/index.js';
import type { CatalogEntity } from '../meta/index.js';
import type { Condition } from './conditions.js';

/**
 * Which of several conditions hold for the record as it stands now, in their order; null where one is not known yet. The
 * expression room is loaded only where there is a condition at all. One text: it changes only where a condition does, not
 * with every keystroke.
 */
export function useConditions(
  entity: () => CatalogEntity | undefined,
  sources: () => readonly string[],
  record: () => object,
): ComputedRef<readonly (boolean | null)[]> {
  const catalog = useCatalog();
  const session = useSession();
  const format = useFormatEnv();
  const room = shallowRef<typeof import('./conditions.js') | null>(null);
  const compiled = computed<readonly Condition[] | null>(() => {
    const wanted = sources();
    if (wanted.length === 0) return [];
    const loaded = room.value;
    if (loaded === null) {
      void import('./conditions.js').then((next) => (room.value = next));
      return null;
    }
    const model = entity();
    return model ? wanted.map((source) => loaded.conditionOf(source, model, catalog.entityOf)) : null;
  });
  const flags = computed(() => {
    if (compiled.value === null) return '';
    const env = {
      now: new Date(),
      zone: format.value.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      me: session.user?.id ?? null,
    };
    const values = record();
    // A field that has no value yet is no key yet: Vue tells of a new key only those who asked for the keys.
    if (compiled.value.length > 0) Object.keys(values);
    return compiled.value.map((condition) => (condition(values, env) ? '1' : '0')).join('');
  });
  return computed(() => {
    const known = flags.value;
    return sources().map((_source, i) => (known[i] === undefined ? null : known[i] === '1'));
  });
}
