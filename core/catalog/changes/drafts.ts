import { missing } from '../../base/errors.js';
import type { Ctx } from '../../sdk/index.js';
import { notADraft, removeDraft, writeChange } from './change-store.js';
import { checkBasis, checkOperations, checkReason, checkSeen } from './check-operations.js';
import type { ChangesDeps } from './deps.js';
import { findChange, getChange } from './list-changes.js';
import { giveUp, seenOf } from './prepare-tables.js';
import type { ChangeSet, DraftInput, UpdateDraftInput } from './types.js';

/** Keeps operations for later. They are checked as such; what they would do is asked by a plan. */
export async function createDraft(deps: ChangesDeps, ctx: Ctx, input: DraftInput): Promise<ChangeSet> {
  return write(deps, ctx, ctx.newId(), {
    reason: checkReason(input.reason),
    operations: checkOperations(input.operations),
    basis: checkBasis(input.basis),
  });
}

/** Replaces what is given. Throws change.not_found, change.not_a_draft, change.draft_changed where somebody saved it since it was `seen`. */
export async function updateDraft(deps: ChangesDeps, ctx: Ctx, input: UpdateDraftInput): Promise<ChangeSet> {
  const draft = await mustBeDraft(deps, input.id);
  return write(deps, ctx, draft.id, {
    reason: input.reason === undefined ? draft.reason : checkReason(input.reason),
    operations: input.operations === undefined ? draft.operations : checkOperations(input.operations),
    basis: checkBasis(input.basis) ?? draft.basis,
    seen: checkSeen(input.seen),
  });
}

/** Also one that is still being prepared: what was copied is thrown away. Throws change.not_found, change.not_a_draft. */
export async function deleteDraft(deps: ChangesDeps, id: string): Promise<void> {
  const { state } = await findChange(deps, id);
  if (state === 'preparing') await giveUp(deps, id, null);
  await mustBeDraft(deps, id);
  if (!(await removeDraft(deps.ask, id))) throw missing('change.not_found', 'There is no such change set.');
}

/** Throws change.not_found, change.not_a_draft. */
export async function mustBeDraft(deps: ChangesDeps, id: string): Promise<ChangeSet> {
  const change = await findChange(deps, id);
  if (change.state !== 'draft') throw notADraft();
  return change;
}

async function write(
  deps: ChangesDeps,
  ctx: Ctx,
  id: string,
  { seen, ...input }: DraftInput & Pick<UpdateDraftInput, 'seen'>,
): Promise<ChangeSet> {
  const { actor } = ctx;
  await deps.db.transaction((tx) =>
    writeChange(tx, {
      id,
      state: 'draft',
      ...input,
      inverse: null,
      by: actor.kind === 'user' ? actor.userId : actor.onBehalfOf,
      at: ctx.now(),
      epoch: null,
      reverts: null,
      revertible: true,
      seen: seenOf({ draftSeen: seen }),
    }),
  );
  return getChange(deps, id);
}
