import type { QueryClient } from '@tanstack/vue-query';
import type { ListQuery, RecordData } from '../api/index.js';
import { keys, listRecords } from '../api/index.js';
import { isPages, patchCachedRows } from './row-cache.js';

/** Lists with more loaded pages than this are not asked for again as a whole: that would be as many requests. */
const pagesRefetched = 2;
const rowsRefetched = 200;

/**
 * Brings what is on the screen up to date after records of an entity changed. Rows of long lists that merely changed are
 * fetched by id and laid over; new and gone records appear in long lists when they are opened the next time.
 */
export async function refreshRecords(
  queries: QueryClient,
  entity: string,
  change: { operation: string; ids: readonly string[] },
): Promise<void> {
  const isUpdate = change.operation === 'update' && change.ids.length <= rowsRefetched;
  await queries.invalidateQueries({
    queryKey: keys.entity(entity),
    predicate: ({ state: { data } }) => !isPages(data) || (!isUpdate && data.pages.length <= pagesRefetched),
  });
  if (isUpdate) await refetchRows(queries, entity, new Set(change.ids));
}

async function refetchRows(queries: QueryClient, entity: string, ids: ReadonlySet<string>): Promise<void> {
  for (const query of queries.getQueryCache().findAll({ queryKey: keys.lists(entity), type: 'active' })) {
    const { data } = query.state;
    if (!isPages(data)) continue;
    const shown = data.pages.flatMap((page) => page.data.map((row) => String(row.id))).filter((id) => ids.has(id));
    if (shown.length === 0) continue;
    const { fields } = query.queryKey[3] as ListQuery;
    const fresh = await listRecords(entity, {
      fields,
      filter: `id in [${shown.map((id) => JSON.stringify(id)).join(', ')}]`,
      limit: shown.length,
    }).catch(() => null);
    if (fresh !== null)
      patchCachedRows(queries, entity, new Map(fresh.data.map((row: RecordData) => [String(row.id), row])));
  }
}
