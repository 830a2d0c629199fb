import { isUuid } from '../../base/ids.js';
import { isTrellisError } from '../../base/errors.js';
import type { Ctx } from '../../sdk/index.js';
import type { StreamDeps } from './event-stream.js';

/**
 * Those of the changed records that the actor may read now, asked for in one query; null where there is nothing to tell it. An
 * empty list: something of the entity that it may have seen is gone, it cannot be said what.
 */
export async function readableIds(
  deps: StreamDeps,
  ctx: Ctx,
  change: {
    entity: string;
    ids: readonly string[];
    operation: string;
    /** Of purged records: id → principal that owned it. */
    owners: Readonly<Record<string, string | null>>;
  },
): Promise<string[] | null> {
  const catalog = deps.catalog.current;
  const ids = (change.ids ?? []).filter(isUuid).slice(0, 500);
  if (ids.length === 0 || deps.access.grant(ctx, catalog, change.entity) === null) return null;
  const { rows } = deps.access.read(ctx, catalog, change.entity);
  if (rows.kind === 'all') return ids;
  // What is gone for good cannot be asked for: its owners are told, and where a condition showed more, that there is less.
  if (change.operation === 'purge') {
    if (rows.kind === 'none') return null;
    const owners = rows.parts.flatMap((part) => (part.rows.by === 'owners' ? part.rows.principals : []));
    // Where a restriction may have hidden them, it is not said which.
    const own = rows.only.length > 0 ? [] : ids.filter((id) => owners.includes(change.owners[id] ?? ''));
    return own.length > 0 || rows.only.length > 0 || rows.parts.some((part) => part.rows.by !== 'owners') ? own : null;
  }
  try {
    const filter = `id in [${ids.map((id) => `"${id}"`).join(', ')}]`;
    const { data } = await ctx.records.list(ctx, {
      entity: change.entity,
      fields: ['id'],
      filter,
      limit: 500,
      deleted: change.operation === 'delete' ? 'only' : 'exclude',
    });
    return data.length === 0 ? null : data.map((row) => row.id as string);
  } catch (error) {
    // The entity went meanwhile: then there is nothing to tell of it.
    if (isTrellisError(error) && error.kind === 'missing') return null;
    throw error;
  }
}
