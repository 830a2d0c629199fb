import type { Ctx, Tx } from '../../sdk/index.js';
import {
  findLostValues,
  mustKeepValues,
  planAbandoning,
  readShape,
  runDdl,
  type Preparation,
} from '../../storage/index.js';
import { readEpoch } from '../layer-store.js';
import { exclusiveLock, lockTimeoutMs, withRetry } from '../with-retry.js';
import type { ApplyInput } from './apply-change.js';
import { notADraft, writeChange } from './change-store.js';
import type { ChangesDeps } from './deps.js';
import { planTables } from './plan-change.js';
import type { Prepared } from './prepare.js';

/**
 * Begins the copies that a change set needs and leaves it as `preparing`; nothing else counts yet. False where the catalog was
 * changed meanwhile. Throws catalog.values_lost, catalog.duplicates.
 */
export async function beginPreparing(
  deps: ChangesDeps,
  ctx: Ctx,
  input: ApplyInput,
  prepared: Prepared,
  id: string,
): Promise<boolean> {
  // Reading all values takes a while: nobody waits for it.
  const asked = await deps.db.transaction((tx) => planTables(deps, tx, prepared, false), { retries: 0 });
  await deps.db.transaction(async (tx) => mustKeepValues(await findLostValues(tx, asked.preparation?.steps ?? [])), {
    retries: 0,
  });
  return withRetry(deps, () =>
    deps.db.transaction(
      async (tx) => {
        if ((await readEpoch(tx)) !== prepared.standing.stored.epoch) return false;
        const { preparation } = await planTables(deps, tx, prepared, false);
        if (preparation === null) return false;
        await runDdl(tx, preparation.steps);
        await writePreparing(tx, ctx, input, prepared, preparation, id);
        return true;
      },
      { opening: exclusiveLock, lockTimeoutMs, retries: 0 },
    ),
  );
}

/**
 * Takes back what was made ready for a change set, except what others wait for too: it is a draft again, with the problem; null:
 * somebody wants it no longer. Throws change.not_a_draft where it is not being prepared any more.
 */
export async function giveUp(
  deps: ChangesDeps,
  id: string,
  problem: { readonly code: string; readonly message: string } | null,
): Promise<void> {
  await withRetry(deps, () =>
    deps.db.transaction(
      async (tx) => {
        const [row] = await tx.query<{ tasks: string[] }>(
          `select array(select unnest(c.preparing) except select unnest(o.preparing) from trellis.change_set o where o.state = 'preparing' and o.id <> c.id) as tasks
from trellis.change_set c where c.id = $1 and c.state = 'preparing'`,
          [id],
        );
        if (row === undefined) throw notADraft();
        await runDdl(tx, planAbandoning(await readShape(tx), row.tasks));
        await tx.query(
          `update trellis.change_set set state = 'draft', preparing = null, reverts = null, decides = null, problem = $2::jsonb where id = $1`,
          [id, problem === null ? null : JSON.stringify(problem)],
        );
      },
      { opening: exclusiveLock, lockTimeoutMs, retries: 0 },
    ),
  );
}

/** The instant of the draft that its author saw; undefined: none was named. */
export function seenOf({ draftSeen }: Pick<ApplyInput, 'draftSeen'>): Date | undefined {
  return draftSeen === undefined ? undefined : new Date(draftSeen);
}

/** Id of the user whose change it is; null: the system's. */
export function authorOf({ actor }: Ctx, { by }: Pick<ApplyInput, 'by'>): string | null {
  if (by !== undefined) return by;
  return actor.kind === 'user' ? actor.userId : actor.onBehalfOf;
}

async function writePreparing(
  tx: Tx,
  ctx: Ctx,
  input: ApplyInput,
  { operations }: Prepared,
  { tasks }: Preparation,
  id: string,
): Promise<void> {
  await writeChange(tx, {
    id,
    state: 'preparing',
    reason: input.reason,
    operations,
    inverse: null,
    by: authorOf(ctx, input),
    at: ctx.now(),
    epoch: null,
    reverts: input.reverts ?? null,
    revertible: true,
    preparing: tasks,
    basis: input.basis,
    decides: input.decides,
    seen: seenOf(input),
  });
}
