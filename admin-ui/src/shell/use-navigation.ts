import { computed } from 'vue';
import type { RouteLocationRaw } from 'vue-router';
import { listRoute, useCatalog } from '../meta/index.js';

export interface NavItem {
  key: string;
  title: string;
  icon: string;
  to: RouteLocationRaw;
  entity: string;
  view?: string;
}

export interface NavGroup {
  id: string;
  title: string;
  items: NavItem[];
}

/** The navigation documents as links; entities that no document names stand in a last group. */
export function useNavigation() {
  const catalog = useCatalog();
  return computed<NavGroup[]>(() => {
    const documents = [...(catalog.catalog?.navigation ?? [])].sort((a, b) => a.order - b.order);
    const groups = documents.map((group) => ({
      id: group.id,
      title: group.title,
      items: group.items.flatMap((item) => navItem(catalog, item) ?? []),
    }));
    const named = new Set(groups.flatMap((group) => group.items.map((item) => item.entity)));
    const rest = catalog.browsable
      .filter((entity) => !named.has(entity.id) && entity.plugin !== 'core')
      .map((entity) => ({
        key: entity.id,
        title: entity.titlePlural,
        icon: entity.icon,
        to: listRoute(entity.id),
        entity: entity.id,
      }));
    if (rest.length > 0) groups.push({ id: 'more', title: '', items: rest });
    return groups.filter((group) => group.items.length > 0);
  });
}

function navItem(
  catalog: ReturnType<typeof useCatalog>,
  item: { entity?: string; view?: string; title?: string; icon?: string },
): NavItem | null {
  const view = item.view === undefined ? undefined : catalog.catalog?.views.find((each) => each.id === item.view);
  const entity = catalog.entityOf(item.entity ?? view?.entity ?? '');
  if (entity === undefined || !entity.permissions.read) return null;
  return {
    key: `${entity.id}/${item.view ?? ''}`,
    title: item.title ?? view?.title ?? entity.titlePlural,
    icon: item.icon ?? entity.icon,
    to: listRoute(entity.id, item.view),
    entity: entity.id,
    view: item.view,
  };
}
