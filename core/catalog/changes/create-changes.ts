import { foldLayers, workspaceLayer } from '../../schema/index.js';
import type { CatalogDeps, CatalogHolder } from '../catalog-service.js';
import { applyChange } from './apply-change.js';
import { askOf } from './change-store.js';
import { checkBasis, checkOnBroken, checkOperations, checkReason, checkSeen } from './check-operations.js';
import { decideConflict, listConflicts, planDecision } from './conflicts.js';
import type { ChangesDeps } from './deps.js';
import { createDraft, deleteDraft, mustBeDraft, updateDraft } from './drafts.js';
import { getDefinition, listDefinitions } from './definitions.js';
import { finishPreparing } from './finish-preparing.js';
import { installDocuments, planInstall } from './install-documents.js';
import { getChange, listChanges } from './list-changes.js';
import { listWork } from './list-work.js';
import { planChange } from './plan-change.js';
import type { Standing } from './prepare.js';
import { previewCatalog } from './preview-catalog.js';
import { planRevert, revertChange } from './revert-change.js';
import type { ChangeInput, Changes } from './types.js';

/** The change sets over a catalog. */
export function createChanges(input: CatalogDeps & { readonly catalog: CatalogHolder }): Changes {
  let last: Standing | null = null;
  const deps: ChangesDeps = {
    ...input,
    ask: askOf(input.db),
    async standing() {
      const { stored, catalog } = await input.catalog.standing();
      if (last?.catalog === catalog) return last;
      const others = stored.layers.filter((layer) => layer.plugin !== workspaceLayer);
      const below = others.length === stored.layers.length ? catalog : foldLayers(others);
      return (last = { stored, catalog, below });
    },
  };
  return {
    planChange: async (_ctx, given) => planChange(deps, checked(given)),
    previewCatalog: async (_ctx, given) => previewCatalog(deps, checked(given)),
    async applyChange(ctx, given, book) {
      if (given.draft !== undefined) await mustBeDraft(deps, given.draft);
      return getChange(
        deps,
        await applyChange(deps, ctx, { ...checked(given), ...draftOf(given), checksNames: true, book }),
      );
    },
    finishPreparing: (ctx, book) => finishPreparing(deps, ctx, book),
    planRevert: (_ctx, given) => planRevert(deps, given),
    revertChange: async (ctx, given, book) => getChange(deps, await revertChange(deps, ctx, given, book)),
    planInstall: (_ctx, given) => planInstall(deps, given),
    installDocuments: async (ctx, given, book) => getChange(deps, await installDocuments(deps, ctx, given, book)),
    listChanges: (query) => listChanges(deps, query),
    getChange: (id) => getChange(deps, id),
    createDraft: (ctx, given) => createDraft(deps, ctx, given),
    updateDraft: (ctx, given) => updateDraft(deps, ctx, given),
    deleteDraft: (id) => deleteDraft(deps, id),
    listConflicts: () => listConflicts(deps),
    planDecision: (given) => planDecision(deps, given),
    decideConflict: (ctx, given, book) => decideConflict(deps, ctx, given, book),
    listWork: () => listWork(deps),
    listDefinitions: (type) => listDefinitions(deps, type),
    getDefinition: (type, id) => getDefinition(deps, type, id),
  };
}

function draftOf({ draft, draftSeen }: ChangeInput): Pick<ChangeInput, 'draft' | 'draftSeen'> {
  return { draft, draftSeen: checkSeen(draftSeen) };
}

function checked({ reason, operations, epoch, basis, onBroken }: ChangeInput): ChangeInput {
  return {
    reason: checkReason(reason),
    operations: checkOperations(operations),
    epoch,
    basis: checkBasis(basis),
    onBroken: checkOnBroken(onBroken),
  };
}
