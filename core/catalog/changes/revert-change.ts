import { conflict, type Issue } from '../../base/errors.js';
import { sameJson, valueAtPointer } from '../../schema/index.js';
import type { Ctx } from '../../sdk/index.js';
import { applyChange } from './apply-change.js';
import { checkOnBroken, checkReason } from './check-operations.js';
import type { InverseOf } from './change-store.js';
import { isOwnId } from './compose-layer.js';
import type { ChangesDeps } from './deps.js';
import { findChange } from './list-changes.js';
import { describePlan, mustBeEpoch } from './plan-change.js';
import { prepareChange, type Standing } from './prepare.js';
import type { Book, ChangePlan, RevertInput, WorkspaceOperation } from './types.js';

/** What taking a change set back would do. */
export async function planRevert(deps: ChangesDeps, input: RevertInput): Promise<ChangePlan> {
  const { inverse } = await mustBeRevertible(deps, input.id);
  const standing = await deps.standing();
  mustBeEpoch(standing, input.epoch);
  const onBroken = checkOnBroken(input.onBroken);
  const prepared = prepareChange(standing, {
    operations: takeBack(standing, inverse, input.overwrite === true),
    onBroken,
  });
  return describePlan(deps, prepared, { onBroken });
}

/** Takes a change set back by a new one that does the opposite. Returns the id of the new one. */
export async function revertChange(deps: ChangesDeps, ctx: Ctx, input: RevertInput, book?: Book): Promise<string> {
  const { reason, inverse } = await mustBeRevertible(deps, input.id);
  return applyChange(deps, ctx, {
    reason: input.reason === undefined ? `Reverts: ${reason}`.slice(0, 1_000) : checkReason(input.reason),
    operations: [],
    compose: (standing) => takeBack(standing, inverse, input.overwrite === true),
    epoch: input.epoch,
    onBroken: checkOnBroken(input.onBroken),
    reverts: input.id,
    book,
  });
}

async function mustBeRevertible(
  deps: ChangesDeps,
  id: string,
): Promise<{ readonly reason: string; readonly inverse: readonly InverseOf[] }> {
  const change = await findChange(deps, id);
  if (change.state !== 'applied' || change.inverse === null)
    throw conflict(
      'change.not_applied',
      change.state === 'draft'
        ? 'A draft was never applied; delete it instead.'
        : 'This change set was taken back already.',
    );
  if (!change.revertible)
    throw conflict('change.not_revertible', 'It purged data for good; that cannot be taken back.', {
      hint: 'Restore a backup to see them again.',
    });
  return { reason: change.reason, inverse: change.inverse };
}

/** The inverse as operations on what stands now. Throws change.changed_since where others changed the same since, unless told. */
function takeBack(standing: Standing, inverse: readonly InverseOf[], overwrite: boolean): WorkspaceOperation[] {
  const issues: Issue[] = [];
  const operations = inverse.flatMap(({ type, id, steps }) => {
    const document = documentOf(standing, type, id);
    return steps.map(({ operation, expects }): WorkspaceOperation => {
      const now = valueAtPointer(document, operation.at);
      if (operation.op !== 'move' && !sameJson(now, expects))
        issues.push({
          path: `${type}:${id}#${operation.at}`,
          code: 'change.changed_since',
          message: 'was changed again later',
          params: { expected: expects ?? null, found: now ?? null },
        });
      return { type, id, ...operation };
    });
  });
  if (issues.length > 0 && !overwrite)
    throw conflict(
      'change.changed_since',
      `${issues.length} of its properties were changed again later: ${issues[0].path}.`,
      {
        hint: 'Revert the later change sets first, or say overwrite.',
        issues,
      },
    );
  return operations;
}

function documentOf({ stored, catalog }: Standing, type: string, id: string): unknown {
  if (!isOwnId(id)) return catalog.definitions(type).get(id)?.document;
  const own = stored.layers.flatMap((layer) => layer.documents);
  return own.find((one) => one.type === type && one.id === id)?.document;
}
