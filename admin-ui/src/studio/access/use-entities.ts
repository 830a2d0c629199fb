import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import type { CatalogEntity } from '../../meta/index.js';
import { useCatalog } from '../../meta/index.js';
import { useDraftCatalog } from '../use-draft-catalog.js';

/** Entities that belong to one plugin, as headings of a long list. */
export interface EntityGroup {
  plugin: string;
  title: string;
  entities: CatalogEntity[];
}

/** Every entity as it will be, by plugin: the workspace's own first, those of Trellis itself last, what nobody browses at the end of each. */
export function useEntityGroups() {
  const { t } = useI18n();
  const catalog = useCatalog();
  const draft = useDraftCatalog();

  const groups = computed<EntityGroup[]>(() => {
    const ids = [...(catalog.catalog?.entities ?? []), ...draft.browsable].map((entity) => entity.id);
    const byPlugin = new Map<string, CatalogEntity[]>();
    for (const id of new Set(ids)) {
      const entity = draft.entityOf(id);
      if (entity) byPlugin.set(entity.plugin, [...(byPlugin.get(entity.plugin) ?? []), entity]);
    }
    return [...byPlugin]
      .map(([plugin, entities]) => ({ plugin, title: titleOf(plugin), entities: entities.sort(inOrder) }))
      .sort((a, b) => rank(a.plugin) - rank(b.plugin) || a.title.localeCompare(b.title));
  });

  function titleOf(plugin: string): string {
    if (plugin === 'x') return t('studio.entities.own');
    return catalog.catalog?.plugins.find((one) => one.id === plugin)?.title ?? plugin;
  }

  return { groups };
}

const rank = (plugin: string): number => (plugin === 'x' ? 0 : plugin === 'core' ? 2 : 1);

function inOrder(a: CatalogEntity, b: CatalogEntity): number {
  return Number(a.hidden) - Number(b.hidden) || a.titlePlural.localeCompare(b.titlePlural);
}
