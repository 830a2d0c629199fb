import type { RouteLocationRaw } from 'vue-router';

/** Where things live; nobody writes paths by hand. */
export function recordRoute(entity: string, id: string): RouteLocationRaw {
  return { name: 'record', params: { entity, id } };
}

/** Why a record can be seen, and by whom. */
export function recordAccessRoute(entity: string, id: string): RouteLocationRaw {
  return { name: 'record-access', params: { entity, id } };
}

/** A list, in one of its views; `filter` is an expression laid over the view's own. */
export function listRoute(entity: string, view?: string, filter?: string): RouteLocationRaw {
  return { name: 'list', params: { entity }, query: { ...(view ? { view } : {}), ...(filter ? { filter } : {}) } };
}

/** The page that makes a record; `preset` fills fields (`preset.company=<id>`). */
export function createRoute(entity: string, preset: Record<string, string> = {}): RouteLocationRaw {
  const query = Object.fromEntries(Object.entries(preset).map(([field, value]) => [`preset.${field}`, value]));
  return { name: 'record', params: { entity, id: 'new' }, query };
}

export function importRoute(entity: string): RouteLocationRaw {
  return { name: 'import', params: { entity } };
}

export function trashRoute(entity: string): RouteLocationRaw {
  return { name: 'trash', params: { entity } };
}
