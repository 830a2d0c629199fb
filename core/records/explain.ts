import { isUuid } from '../base/ids.js';
import { compileGet } from '../query/index.js';
import type { Ctx } from '../sdk/index.js';
import { getText } from './read.js';
import { guardedRead, type RecordsDeps } from './transaction.js';
import { notFound } from './lock.js';

/**
 * Why a user can or cannot do what with a record: each operation with its answer and the roles that give it. The asker must
 * be able to read the record itself.
 */
export async function explainText(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; id: string; userId: string },
): Promise<{ body: string }> {
  await getText(deps, ctx, { entity: input.entity, id: input.id, fields: ['id'] });
  const actor = isUuid(input.userId) ? await deps.actors.load(input.userId, null, null) : null;
  if (!actor) throw notFound('core.user', input.userId);
  const theirs = deps.contexts.withActor(ctx, actor);
  const catalog = deps.catalog.current;
  const grant = deps.access.grant(theirs, catalog, input.entity);
  const reads = grant !== null && (await reaches(deps, theirs, input, 'read'));
  const data: Record<string, unknown> = {
    read: { allowed: reads, because: grant?.roles ?? [], rows: grant?.read ?? 'none' },
  };
  for (const operation of ['update', 'delete', 'purge'] as const) {
    const allowed =
      reads &&
      deps.access.may(theirs, catalog, input.entity, operation) &&
      (await reaches(deps, theirs, input, operation));
    data[operation] = {
      allowed,
      because: allowed ? (grant?.roles ?? []) : [],
      rows: operation === 'purge' ? (grant?.purge ? 'all' : 'none') : (grant?.[operation] ?? 'none'),
    };
  }
  return { body: JSON.stringify({ data }) };
}

async function reaches(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; id: string },
  operation: 'read' | 'update' | 'delete' | 'purge',
): Promise<boolean> {
  const found = await guardedRead(deps, ctx, (current, catalog) => {
    const scope =
      operation === 'read'
        ? deps.access.read(current, catalog, input.entity)
        : deps.access.write(current, catalog, input.entity, operation);
    return compileGet(deps.access.env(current, catalog), scope, { id: input.id, fields: ['id'] });
  });
  return found !== null;
}
