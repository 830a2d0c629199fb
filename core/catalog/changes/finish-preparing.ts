import { conflict, isTrellisError } from '../../base/errors.js';
import type { Ctx, JobDefinition } from '../../sdk/index.js';
import { applyChange } from './apply-change.js';
import type { FoundChange } from './change-store.js';
import type { ChangesDeps } from './deps.js';
import { findChange } from './list-changes.js';
import { giveUp } from './prepare-tables.js';
import type { Book, Changes } from './types.js';

/** The job that `wantedStorageJobs` asks for when the copies of a change set are made. */
export function finishChangesJob(changes: Changes, book: Book): JobDefinition {
  return { name: 'core.finish-changes', run: (ctx) => changes.finishPreparing(ctx, book) };
}

/**
 * Applies every change set whose copies are made, oldest first. One that no longer fits becomes a draft again and says why; what
 * was copied for it is thrown away. Safe to repeat, and beside itself on another node.
 */
export async function finishPreparing(deps: ChangesDeps, ctx: Ctx, book?: Book): Promise<void> {
  const ready = await deps.ask<{ id: string }>(readySql);
  for (const { id } of ready) {
    ctx.signal.throwIfAborted();
    const change = await findChange(deps, id);
    if (change.state !== 'preparing') continue;
    try {
      await finish(deps, ctx, change, book);
    } catch (error) {
      const isFinal = isTrellisError(error) && !['broken', 'limited'].includes(error.kind);
      if (!isFinal || error.code === 'catalog.busy' || error.code.startsWith('database.')) throw error;
      // Another node, or its author, was faster.
      if (error.code === 'change.not_a_draft') continue;
      deps.log.warn({ change: id, code: error.code }, 'a prepared change set does not fit any longer');
      await giveUp(deps, id, { code: error.code, message: error.message });
    }
  }
}

async function finish(deps: ChangesDeps, ctx: Ctx, change: FoundChange, book?: Book): Promise<void> {
  const { id, reason, operations, reverts, by, decides, basis } = change;
  if (reverts !== undefined && (await findChange(deps, reverts)).state !== 'applied')
    throw conflict('change.not_applied', 'Somebody else has taken it back meanwhile.');
  await applyChange(deps, ctx, {
    reason,
    operations,
    basis,
    draft: id,
    by: by?.id ?? null,
    reverts,
    decides: decides ?? undefined,
    book,
  });
}

// Tasks that another change set has used up are gone: nothing to wait for either.
const readySql = `
select c.id from trellis.change_set c where c.state = 'preparing' and not exists (
  select 1 from trellis.storage_task k where k.key = any(c.preparing) and (k.state = 'pending' or exists (
    select 1 from jsonb_array_elements(k.payload -> 'indexes') e join trellis.index_state s on s.name = e ->> 'name' and s.state = 'pending')))
order by c.at, c.id`;
