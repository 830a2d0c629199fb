import { isUuid } from '../../base/ids.js';
import { conflict, missing } from '../../base/errors.js';
import { diffDocument, type Operation } from '../../schema/index.js';
import type { Ctx } from '../../sdk/index.js';
import { applyChange } from './apply-change.js';
import { decidedAlready, readConflicts, shown, writeDecision, type ConflictRow } from './conflict-store.js';
import type { ChangesDeps } from './deps.js';
import { describePlan } from './plan-change.js';
import { isWithin } from './pointers.js';
import { authorOf } from './prepare-tables.js';
import { prepareChange, type Standing } from './prepare.js';
import type { Book, ChangePlan, UpgradeConflict, WorkspaceOperation } from './types.js';

/** Conflicts of upgrades, undecided ones first. */
export async function listConflicts(deps: ChangesDeps): Promise<UpgradeConflict[]> {
  return (await readConflicts(deps.ask)).map(shown);
}

/** What choosing a side would do; nothing is changed. Throws conflict.not_found. */
export async function planDecision(deps: ChangesDeps, { id, choice }: Choosing): Promise<ChangePlan> {
  const row = await find(deps, id);
  const standing = await deps.standing();
  return describePlan(deps, prepareChange(standing, { operations: operationsFor(standing, row, choice) }), {});
}

/**
 * Chooses a side. The vendor's: the workspace's change goes. The local one: it stays, and what was parked is done now. The choice
 * is reused where the same vendor's value comes again. Where that changes the kind of a field in a large table, its values are
 * copied first: the conflict then names the change set that is `preparing`. Throws conflict.not_found, conflict.decided,
 * conflict.preparing, change.refused where the parked operations still have no place.
 */
export async function decideConflict(
  deps: ChangesDeps,
  ctx: Ctx,
  { id, choice }: Choosing,
  book?: Book,
): Promise<UpgradeConflict> {
  const row = await find(deps, id);
  if (row.choice !== null && row.choice !== choice) throw decidedAlready();
  if (row.preparing !== null)
    throw conflict('conflict.preparing', 'A choice was made; values are being copied for it.', {
      hint: 'Wait, or throw its change set away in the history of changes.',
    });
  if (row.choice === null) {
    const decides = { conflict: id, choice };
    const isIdle = operationsFor(await deps.standing(), row, choice).length === 0;
    if (isIdle)
      await deps.db.transaction((tx) =>
        writeDecision(tx, ctx, { ...decides, by: authorOf(ctx, {}), changeSet: null, book }),
      );
    else
      await applyChange(deps, ctx, {
        reason: reasonOf(row, choice),
        operations: [],
        compose: (standing) => operationsFor(standing, row, choice),
        book,
        decides,
      });
  }
  return shown(await find(deps, id));
}

interface Choosing {
  readonly id: string;
  readonly choice: 'local' | 'vendor';
}

function operationsFor(standing: Standing, row: ConflictRow, choice: 'local' | 'vendor'): WorkspaceOperation[] {
  if (choice === 'vendor') return vendorsSide(standing, row);
  return row.parked.map(({ type, id: target, operation }) => ({ type, id: target, ...operation }));
}

function reasonOf({ plugin, toVersion, target, at }: ConflictRow, choice: 'local' | 'vendor'): string {
  const side = choice === 'vendor' ? "the vendor's" : 'the local';
  return `Upgrade of ${plugin} to ${toVersion}: ${side} ${target}${at}`.slice(0, 1_000);
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
