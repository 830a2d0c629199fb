import type {
  BrokenReference,
  ChangeInput,
  ChangePlan,
  ChangeProblem,
  ChangeSet,
  DefinitionAnswer,
  Overtaken,
  TableWork,
  UpgradeConflict,
  WorkspaceOperation,
} from '../../../schemas/studio.js';
import type { AuditLog, Ctx } from '../../sdk/index.js';
import type { Catalog, Definition } from '../types.js';

export type {
  BrokenReference,
  ChangeInput,
  ChangePlan,
  ChangeProblem,
  ChangeSet,
  DefinitionAnswer,
  Overtaken,
  TableWork,
  UpgradeConflict,
  WorkspaceOperation,
};

/** Nest injection token of `Changes`. */
export const CHANGES = Symbol('CHANGES');

/** What every apply writes down beside the catalog itself. */
export interface Book {
  /** Absent: nothing is audited (tests of the room). */
  readonly audit?: AuditLog;
}

/** How `GET /api/catalog/changes` is narrowed. */
export interface ChangesQuery {
  readonly state?: ChangeSet['state'];
  /** 1–500; absent: 50. */
  readonly limit?: number;
  /** Id of the last one of the page before. */
  readonly after?: string;
}

/** Input of `revertChange`. */
export interface RevertInput {
  readonly id: string;
  /** Why; absent: `Reverts: <reason>`. */
  readonly reason?: string;
  readonly epoch?: number;
  /** True: takes back also what others changed since; absent: change.changed_since. */
  readonly overwrite?: boolean;
  readonly onBroken?: ChangeInput['onBroken'];
}

/** The change sets of the workspace layer: planned, applied, listed, taken back. Every verb is for administrators; the caller asks. */
export interface Changes {
  /** What apply would do. Changes nothing. Throws change.* for operations that are none, catalog.changed. */
  planChange(ctx: Ctx, input: ChangeInput): Promise<ChangePlan>;
  /** The catalog as apply would leave it, beside the present one; null where it would refuse the definitions. Throws as `planChange`. */
  previewCatalog(ctx: Ctx, input: ChangeInput): Promise<{ before: Catalog; after: Catalog } | null>;
  /**
   * Does it, whole or not at all. Where values must be copied first it is answered as `preparing`, and applied by a job when that is
   * done. Throws catalog.values_lost, catalog.duplicates, change.refused with the plan's problems as issues, catalog.changed, change.overtaken, change.*.
   */
  applyChange(ctx: Ctx, input: ChangeInput, book?: Book): Promise<ChangeSet>;
  /** Applies those whose values are copied by now; one that no longer fits becomes a draft with a problem. For the job alone. */
  finishPreparing(ctx: Ctx, book?: Book): Promise<void>;
  /** What revert would do. Throws as `revertChange`. */
  planRevert(ctx: Ctx, input: RevertInput): Promise<ChangePlan>;
  /** Takes one back. Throws change.not_found, change.not_applied, change.not_revertible, change.changed_since, change.refused. */
  revertChange(ctx: Ctx, input: RevertInput, book?: Book): Promise<ChangeSet>;
  /** What installing the documents of another workspace would do; collisions are among its problems. */
  planInstall(ctx: Ctx, input: InstallInput): Promise<ChangePlan>;
  /** Installs them as one change set. Throws package.collision, change.refused. */
  installDocuments(ctx: Ctx, input: InstallInput, book?: Book): Promise<ChangeSet>;
  /** Newest first; drafts among them. */
  listChanges(query: ChangesQuery): Promise<{ data: ChangeSet[]; page: { limit: number; next: string | null } }>;
  /** Throws change.not_found. */
  getChange(id: string): Promise<ChangeSet>;
  createDraft(ctx: Ctx, input: DraftInput): Promise<ChangeSet>;
  /** Throws change.not_found, change.not_a_draft, change.draft_changed. */
  updateDraft(ctx: Ctx, input: UpdateDraftInput): Promise<ChangeSet>;
  /** Also one that is being prepared. Throws change.not_found, change.not_a_draft. */
  deleteDraft(id: string): Promise<void>;
  /** Conflicts of upgrades, undecided ones first. */
  listConflicts(): Promise<UpgradeConflict[]>;
  /** What choosing a side would do. Changes nothing. Throws conflict.not_found. */
  planDecision(input: { readonly id: string; readonly choice: 'local' | 'vendor' }): Promise<ChangePlan>;
  /** Chooses a side for good; the same question is not asked again. Throws conflict.not_found, conflict.decided, conflict.preparing, change.refused. */
  decideConflict(
    ctx: Ctx,
    input: { readonly id: string; readonly choice: 'local' | 'vendor' },
    book?: Book,
  ): Promise<UpgradeConflict>;
  /** What jobs have still to do in the tables after changes, and what of it failed. */
  listWork(): Promise<TableWork[]>;
  /** Effective documents of a type, shortest form. Throws definition.unknown_type. */
  listDefinitions(type: string): Promise<DefinitionEntry[]>;
  /** Throws definition.not_found. */
  getDefinition(type: string, id: string): Promise<DefinitionAnswer>;
}

/** Documents of another workspace's layer: own ones (`x.<name>`) and changes. */
export interface InstallInput {
  readonly reason: string;
  readonly documents: readonly Definition[];
  readonly epoch?: number;
}

export interface DraftInput {
  readonly reason: string;
  readonly operations: readonly WorkspaceOperation[];
  /** What the author had read: `type:id` → epoch; absent: not known. */
  readonly basis?: ChangeInput['basis'];
}

export interface UpdateDraftInput extends Partial<DraftInput> {
  readonly id: string;
  /** `at` of the draft as its author saw it: another one by now is refused. Absent: whatever stands is replaced. */
  readonly seen?: string;
}

/** One line of `GET /api/catalog/definitions`. */
export interface DefinitionEntry {
  readonly type: string;
  readonly id: string;
  readonly title: string;
  readonly plugin: string;
  /** True where the workspace made it or changed something in it. */
  readonly customized: boolean;
  /** The entity that it belongs to; absent where it belongs to none. */
  readonly entity?: string;
}
