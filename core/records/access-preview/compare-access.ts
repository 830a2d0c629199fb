import type { AccessPreview } from '../../../schemas/studio.js';
import type { Catalog } from '../../catalog/index.js';
import type { Ctx } from '../../sdk/index.js';
import type { RecordsDeps } from '../transaction.js';
import { runInside } from './count-rows.js';
import { deadlineIn } from './deadline.js';
import { kindsOf } from './kinds.js';
import { createLookout, type Comparison, type Foreseen } from './look.js';
import { actorsOf, peopleOf } from './people.js';
import { tellChanges } from './tell-changes.js';

/** Two catalogs, of which the second does not count yet. */
export interface CatalogPair {
  readonly before: Catalog;
  readonly after: Catalog;
}

/** Whom, and what, this leaves no time for is told as not looked at, or not counted. */
const comparingMs = 10_000;

/**
 * What each active user would gain and lose if the second catalog took the place of the first: records counted in the database among
 * those that the asker sees, fields and operations as the roles say. Changes nothing.
 */
export function compareAccess(deps: RecordsDeps, ctx: Ctx, { before, after }: CatalogPair): Promise<AccessPreview> {
  const deadline = deadlineIn(ctx, comparingMs);
  return deps.db.session(async (session) => {
    await session.query('begin isolation level repeatable read read only');
    const people = await peopleOf(session);
    const actors = await actorsOf(deps, session, people, deadline);
    const pairs = people.flatMap((person) => {
      const actor = actors.get(person.id);
      return actor ? [{ person, before: actor, after: actor }] : [];
    });
    // One instant for all conditions.
    const inside = ctx.withTx(session);
    const comparison: Comparison = { deps, ctx: inside, now: inside.now(), before, after, foreseen: asItIs };
    const lookout = createLookout(comparison, runInside(session, deadline.leftMs));
    const { examined, further, changes } = await tellChanges(comparison, lookout, kindsOf(pairs), deadline);
    return { epoch: before.epoch, users: { examined, total: people.length, further }, changes };
  });
}

/** Rows are not touched. */
const asItIs: Foreseen = { isMoved: () => false, hasRows: () => false, kept: { of: () => null }, gone: new Map() };
