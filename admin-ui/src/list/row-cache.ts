import type { InfiniteData, QueryClient } from '@tanstack/vue-query';
import type { ListAnswer, RecordData } from '../api/index.js';
import { keys } from '../api/index.js';

type Pages = InfiniteData<ListAnswer, string | null>;

/** Changes rows in every cached list of an entity at once, without asking the server. */
export function patchCachedRows(queries: QueryClient, entity: string, patches: ReadonlyMap<string, RecordData>): void {
  queries.setQueriesData<unknown>({ queryKey: keys.lists(entity) }, (data: unknown) => {
    if (!isPages(data)) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      data: page.data.map((row) => merged(row, patches.get(String(row.id)))),
    }));
    return { ...data, pages };
  });
}

/** Takes rows out of every cached list of an entity. */
export function dropCachedRows(queries: QueryClient, entity: string, ids: ReadonlySet<string>): void {
  queries.setQueriesData<unknown>({ queryKey: keys.lists(entity) }, (data: unknown) => {
    if (!isPages(data)) return data;
    return {
      ...data,
      pages: data.pages.map((page) => ({ ...page, data: page.data.filter((row) => !ids.has(String(row.id))) })),
    };
  });
}

function merged(row: RecordData, patch: RecordData | undefined): RecordData {
  return patch === undefined ? row : { ...row, ...patch };
}

/** True for the pages of an endless list, false for other cached answers. */
export function isPages(data: unknown): data is Pages {
  return typeof data === 'object' && data !== null && Array.isArray((data as Pages).pages);
}
