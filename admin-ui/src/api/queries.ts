import type { ListQuery } from './records.js';

/** Keys of the query cache. A write to an entity invalidates `keys.entity(id)`, and with it all its lists and records. */
export const keys = {
  session: () => ['session'] as const,
  catalog: (locale: string) => ['catalog', locale] as const,
  entity: (entity: string) => ['records', entity] as const,
  lists: (entity: string) => ['records', entity, 'list'] as const,
  list: (entity: string, query: ListQuery) => ['records', entity, 'list', query] as const,
  count: (entity: string, query: Pick<ListQuery, 'filter' | 'q' | 'deleted'>) =>
    ['records', entity, 'list', 'count', query] as const,
  aggregate: (entity: string, query: unknown) => ['records', entity, 'list', 'aggregate', query] as const,
  record: (entity: string, id: string) => ['records', entity, 'one', id] as const,
  history: (entity: string, id: string) => ['records', entity, 'one', id, 'history'] as const,
  import: (id: string) => ['imports', id] as const,
  admin: (what: string, ...rest: unknown[]) => ['admin', what, ...rest] as const,
};
