import { isUuid } from '../../base/ids.js';
import { isTrellisError } from '../../base/errors.js';
import type { Ctx } from '../../sdk/index.js';
import type { StreamDeps } from './event-stream.js';

/** Those of the changed records that the actor may read now, asked for in one query; none of an entity that is not there for it. */
export async function readableIds(
  deps: StreamDeps,
  ctx: Ctx,
  change: { entity: string; ids: readonly string[]; operation: string },
): Promise<string[]> {
  const catalog = deps.catalog.current;
  const ids = (change.ids ?? []).filter(isUuid).slice(0, 500);
  if (ids.length === 0 || deps.access.grant(ctx, catalog, change.entity) === null) return [];
  if (deps.access.read(ctx, catalog, change.entity).rows.kind === 'all') return ids;
  // What is gone for good cannot be asked for; whoever sees only some rows is not told.
  if (change.operation === 'purge') return [];
  try {
    const filter = `id in [${ids.map((id) => `"${id}"`).join(', ')}]`;
    const { data } = await ctx.records.list(ctx, {
      entity: change.entity,
      fields: ['id'],
      filter,
      limit: 500,
      deleted: change.operation === 'delete' ? 'only' : 'exclude',
    });
    return data.map((row) => row.id as string);
  } catch (error) {
    // The entity went meanwhile: then there is nothing to tell of it.
    if (isTrellisError(error) && error.kind === 'missing') return [];
    throw error;
  }
}
