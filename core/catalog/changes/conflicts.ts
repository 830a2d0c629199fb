import { isUuid } from '../../base/ids.js';
import { missing } from '../../base/errors.js';
import { diffDocument, type Operation } from '../../schema/index.js';
import type { Ctx } from '../../sdk/index.js';
import { applyChange } from './apply-change.js';
import { decidedAlready, readConflicts, writeChoice, type ConflictRow } from './conflict-store.js';
import type { ChangesDeps } from './deps.js';
import { isWithin } from './pointers.js';
import type { Standing } from './prepare.js';
import type { Book, UpgradeConflict, WorkspaceOperation } from './types.js';

/** Conflicts of upgrades, undecided ones first. */
export async function listConflicts(deps: ChangesDeps): Promise<UpgradeConflict[]> {
  return (await readConflicts(deps.ask)).map(shown);
}

/**
 * Chooses a side. The vendor's: the workspace's change goes. The local one: it stays, and what was parked is done now. The choice
 * is reused where the same vendor's value comes again. Throws conflict.not_found, conflict.decided, change.refused where the
 * parked operations still have no place.
 */
export async function decideConflict(
  deps: ChangesDeps,
  ctx: Ctx,
  { id, choice }: { readonly id: string; readonly choice: 'local' | 'vendor' },
  book?: Book,
): Promise<UpgradeConflict> {
  const row = await find(deps, id);
  if (row.choice !== null && row.choice !== choice) throw decidedAlready();
  const { actor } = ctx;
  const by = actor.kind === 'user' ? actor.userId : actor.onBehalfOf;
  const operations = (standing: Standing): WorkspaceOperation[] =>
    choice === 'vendor'
      ? vendorsSide(standing, row)
      : row.parked.map(({ type, id: target, operation }) => ({ type, id: target, ...operation }));
  if (row.choice === null) {
    const isIdle = operations(await deps.standing()).length === 0;
    const decision = { id, choice, by, at: ctx.now() };
    if (isIdle) await deps.db.transaction((tx) => writeChoice(tx, decision));
    else
      await applyChange(deps, ctx, {
        reason:
          `Upgrade of ${row.plugin} to ${row.toVersion}: ${choice === 'vendor' ? "the vendor's" : 'the local'} ${row.target}${row.at}`.slice(
            0,
            1_000,
          ),
        operations: [],
        compose: operations,
        book,
        within: (tx) => writeChoice(tx, decision),
      });
  }
  return shown(await find(deps, id));
}

async function find(deps: ChangesDeps, id: string): Promise<ConflictRow> {
  const [row] = isUuid(id) ? await readConflicts(deps.ask, id) : [];
  if (!row) throw missing('conflict.not_found', 'There is no such conflict.');
  return row;
}

/** What makes the place as the vendor has it. Nothing where the local side was parked and so is not in effect. */
function vendorsSide({ catalog, below }: Standing, row: ConflictRow): WorkspaceOperation[] {
  const { type, target, at } = row;
  const before = catalog.definitions(type).get(target)?.document;
  const after = below.definitions(type).get(target)?.document;
  if (!before || !after || row.parked.length > 0) return [];
  return diffDocument({ type, before, after })
    .filter(
      (operation: Operation) => isWithin(operation.at, at) || (operation.op !== 'move' && isWithin(at, operation.at)),
    )
    .map((operation) => ({ type, id: target, ...operation }));
}

function shown({ parked: _, ...row }: ConflictRow): UpgradeConflict {
  return row;
}
