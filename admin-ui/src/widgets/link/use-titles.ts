import { useQuery } from '@tanstack/vue-query';
import { computed } from 'vue';
import { listRecords } from '../../api/index.js';
import type { CatalogField } from '../../meta/index.js';
import { useCatalog } from '../../meta/index.js';
import { heldLink } from './link-values.js';

/** What a reference holds: an id, with the entity where the field may point to several. */
interface Reference {
  entity: string;
  id: string;
}

/**
 * Titles for references that are known by id only (history, a preview of an import): one question an entity. Answers a
 * function that puts `{id, title}` in the place of a bare id.
 */
export function useTitles(cells: () => readonly { field: CatalogField; value: unknown }[]) {
  const catalog = useCatalog();
  const wanted = computed(() => {
    const byEntity = new Map<string, Set<string>>();
    for (const { field, value } of cells())
      for (const { entity, id } of referencesOf(field, value))
        byEntity.set(entity, (byEntity.get(entity) ?? new Set()).add(id));
    return [...byEntity].map(([entity, ids]): [string, string[]] => [entity, [...ids].sort()]);
  });
  const { data } = useQuery({
    queryKey: computed(() => ['titles', wanted.value]),
    queryFn: async ({ signal }) => {
      const found = await Promise.all(wanted.value.map(([entity, ids]) => titlesOf(entity, ids, signal)));
      return new Map(found.flat());
    },
    enabled: computed(() => wanted.value.length > 0),
  });

  async function titlesOf(entity: string, ids: string[], signal: AbortSignal): Promise<[string, string][]> {
    const titleField = catalog.entityOf(entity)?.titleField;
    if (titleField === undefined) return [];
    const { data: records } = await listRecords(
      entity,
      { filter: `id in [${ids.map((id) => JSON.stringify(id)).join(', ')}]`, fields: ['id', titleField], limit: 200 },
      signal,
    );
    return records.map((record) => [String(record.id), catalog.titleOf(entity, record)]);
  }

  /** The value with the title that is known by now. */
  return (field: CatalogField, value: unknown): unknown => {
    if (referencesOf(field, value).length === 0) return value;
    const one = (item: unknown): unknown => {
      const held = heldLink(item);
      return held ? { ...held, title: held.title ?? data.value?.get(held.id) ?? '…' } : item;
    };
    return Array.isArray(value) ? value.map(one) : one(value);
  };
}

function referencesOf(field: CatalogField, value: unknown): Reference[] {
  if (!field.to?.length || field.kind === 'file') return [];
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => {
    const held = heldLink(item);
    const entity = held?.entity ?? field.to?.find((id) => id !== '*');
    return held && entity ? [{ entity, id: held.id }] : [];
  });
}
