import type { AccessChange, AccessPreview } from '../../../schemas/studio.js';
import type { Catalog } from '../../catalog/index.js';
import type { Ctx } from '../../sdk/index.js';
import { listRecords } from '../read.js';
import type { RecordsDeps } from '../transaction.js';
import { compareEntity, sideOf, type Moment } from './compare-entity.js';
import { counter, reachedBy, runApart } from './count-rows.js';

/** Two catalogs, of which the second does not count yet. */
export interface CatalogPair {
  readonly before: Catalog;
  readonly after: Catalog;
}

/** Users that are looked at. */
export const usersAtMost = 500;

/**
 * What each active user would gain and lose if the second catalog took the place of the first: records counted in the database among
 * those that the asker sees, fields and operations as the roles say. Changes nothing.
 */
export async function compareAccess(deps: RecordsDeps, ctx: Ctx, pair: CatalogPair): Promise<AccessPreview> {
  const { data, page } = await listRecords(deps, ctx.asSystem('access preview'), {
    entity: 'core.user',
    filter: 'active == true',
    fields: ['id', 'name'],
    sort: ['name'],
    limit: usersAtMost,
    count: 'exact',
  });
  const count = counter(runApart(deps.db));
  const env = { deps, now: ctx.now() };
  const entities = [...pair.before.schema.entities.values()].flatMap((entity) => {
    const asker = sideOf(env, { ctx, catalog: pair.before }, entity.id, 'read');
    return asker !== null && pair.after.schema.entities.has(entity.id) ? [{ entity, asker }] : [];
  });
  const changes: AccessChange[] = [];
  for (const { id, name } of data) {
    const actor = await deps.actors.load(String(id), null, null);
    if (actor === null) continue;
    const theirs = deps.contexts.withActor(ctx, actor);
    const [before, after] = [pair.before, pair.after].map((catalog): Moment => ({ ctx: theirs, catalog }));
    const user = { id: String(id), title: String(name) };
    for (const { entity, asker } of entities) {
      const of = (moment: Moment, operation: 'read' | 'update') => reachedBy(sideOf(env, moment, entity.id, operation));
      const rows = (operation: 'read' | 'update') =>
        count({ before: of(before, operation), after: of(after, operation), asker });
      const change = await compareEntity({ deps, before, after, entity, rows });
      if (change !== null) changes.push({ user, entity: entity.id, ...change });
    }
  }
  return {
    epoch: pair.before.epoch,
    users: { examined: data.length, total: page.count ?? data.length },
    changes,
  };
}
