/**
 * Shapes of the change-set API (`/api/catalog/plan`, `/apply`, `/changes` …). Written by core, read by admin-ui.
 * The document types themselves are described by the *.schema.json beside this file.
 */

/** One step of a `change` document. `at`: JSON Pointer, elements of keyed lists by their key; '' is the document itself. */
export type Operation =
  | { op: 'set'; at: string; value: unknown }
  | { op: 'unset'; at: string }
  | { op: 'insert-before'; at: string; value: unknown; before: string | null }
  | { op: 'move'; at: string; before: string | null }
  | { op: 'remove'; at: string };

/** An operation and the definition that it is for. `purge` drops a retired field of the workspace and its data for good. */
export type WorkspaceOperation = { type: string; id: string } & (Operation | { op: 'purge'; at: string });

/** Body of `POST /api/catalog/plan` and `/apply`. */
export interface ChangeInput {
  /** Why; kept in the history of change sets. */
  reason: string;
  operations: WorkspaceOperation[];
  /** Epoch that the author saw; another one by now is refused with catalog.changed. Absent: applied to whatever stands. */
  epoch?: number;
  /**
   * `type:id` of definitions that the operations change → epoch at which the author read them. Where somebody changed the same
   * place since, it is refused with change.overtaken; what others changed elsewhere stays. Absent: nothing is compared.
   */
  basis?: Record<string, number>;
  /** What becomes of references that would break: refuse (default), or remove them where they are elements of a list. */
  onBroken?: 'refuse' | 'remove';
  /** Id of the draft that is applied; it becomes the applied change set. */
  draft?: string;
  /** `at` of that draft as the author saw it: refused with change.draft_changed where somebody saved it since. */
  draftSeen?: string;
}

/** Answer of plan. Nothing was changed. */
export interface ChangePlan {
  epoch: number;
  /** True where apply would take it. */
  applicable: boolean;
  statements: PlannedStatement[];
  /** Property by property, before and after, of the effective definitions. */
  diff: DefinitionDiff[];
  /** What apply refuses. */
  problems: ChangeProblem[];
  /** References that would break; also among `problems` unless onBroken is remove. */
  broken: BrokenReference[];
  /** Places that somebody else changed since the author read them (`basis`); apply refuses as long as there is one. */
  overtaken: Overtaken[];
  /** What apply does but one should know: values lost, rows that do not fit a new rule, long index builds. */
  warnings: { code: string; message: string; params?: Record<string, unknown> }[];
}

/** A place that operations would write though somebody changed it after their author had read it. */
export interface Overtaken {
  type: string;
  id: string;
  at: string;
  /** What stands there now; absent: nothing. */
  now?: unknown;
  /** Who changed it last, when, and why. */
  by: { id: string; title: string } | null;
  when: string;
  reason: string;
  changeSet: string;
}

export interface PlannedStatement {
  sql: string;
  kind: 'create' | 'alter' | 'index' | 'drop' | 'function';
  entity: string;
  /** Estimated rows of the table. */
  rows: number;
  /** Strongest lock that it takes, in PostgreSQL's words, e.g. `ACCESS EXCLUSIVE`; `NONE` where nobody waits. */
  lock: string;
  /** Done later by a job, without holding writers up. */
  concurrent: boolean;
}

export interface DefinitionDiff {
  type: string;
  id: string;
  at: string;
  before?: unknown;
  after?: unknown;
}

export interface ChangeProblem {
  type: string;
  id: string;
  at: string;
  code: string;
  message: string;
}

/** A definition that names something that would be gone or of another type. */
export interface BrokenReference extends ChangeProblem {
  /** What it names, e.g. `contacts.company/x_vipLevel`. */
  uses: string;
  title: string;
  /** True where onBroken=remove can take it out. */
  removable: boolean;
}

/** An entry of `GET /api/catalog/changes`. */
export interface ChangeSet {
  id: string;
  /** `preparing`: values are being copied into another kind; it is applied by itself when that is done, or becomes a draft again. */
  state: 'draft' | 'preparing' | 'applied' | 'reverted';
  /** Of a draft: why it could not be applied after it was prepared. */
  problem?: { code: string; message: string };
  reason: string;
  operations: WorkspaceOperation[];
  /** What it did, property by property; absent of a draft, which has done nothing yet. */
  diff?: DefinitionDiff[];
  by: { id: string; title: string } | null;
  at: string;
  /** Epoch that it made; null of a draft. */
  epoch: number | null;
  /** What its author had read, while it waits: `type:id` → epoch, to be sent on by who applies it. Absent: not known, or applied. */
  basis?: Record<string, number>;
  /** The change set that this one takes back, or that took this one back. */
  reverts?: string;
  revertedBy?: string;
  /** False where data are gone for good (purge). */
  revertible: boolean;
}

/** Where the value at a pointer comes from. */
export interface Origin {
  layer: 'kernel' | 'plugin' | 'workspace';
  plugin: string;
  version: string;
  /** Only of the workspace. */
  changeSet?: string;
  by?: { id: string; title: string } | null;
  at?: string;
  reason?: string;
}

/** `GET /api/catalog/definitions/:type/:id`: the effective document as a whole, for Studio. */
export interface DefinitionAnswer {
  /** Epoch of the catalog that it was read from. */
  epoch: number;
  type: string;
  id: string;
  plugin: string;
  document: Record<string, unknown>;
  /** The same without the workspace's changes; null where the workspace made it. */
  below: Record<string, unknown> | null;
  /** Pointer → origin, wherever it differs from that of its parent. */
  provenance: Record<string, Origin>;
  /** What uses it, or one of its fields. */
  usedBy: Usage[];
}

/** One entry of the dependency index: `by` names `uses`. */
export interface Usage {
  /** `entity:contacts.company`, or with a field `entity:contacts.company/name`. */
  uses: string;
  by: { type: string; id: string; at: string; title: string };
  /** How: shown, computed from, checked by … */
  as: 'shown' | 'expression' | 'sorted' | 'grouped' | 'link' | 'grant' | 'text' | 'rollup' | 'lines';
}

/** Work that a change of the catalog left for jobs, `GET /api/catalog/work`. */
export interface TableWork {
  /** `conversion`: values copied into another kind; `rollup`: computed for the records that stood; `number`: those get their numbers; `history`: purged. */
  kind: 'index' | 'conversion' | 'rollup' | 'number' | 'history';
  /** Of the index or task. */
  name: string;
  entity: string;
  state: 'pending' | 'failed';
  /** The share done is `done / total`; total 0: not known yet. */
  done: number;
  total: number;
  error?: string;
  /** Of a unique that failed: values that stand more than once, with some of the records. */
  duplicates?: { value: Record<string, unknown>; rows: number; ids: string[] }[];
}

/** A conflict of an upgrade, `GET /api/catalog/conflicts`. */
export interface UpgradeConflict {
  id: string;
  plugin: string;
  fromVersion: string;
  toVersion: string;
  kind: 'both-changed' | 'removed-used' | 'type-changed' | 'anchor-missing' | 'access-widened';
  type: string;
  target: string;
  at: string;
  base?: unknown;
  vendor?: unknown;
  local?: unknown;
  choice: 'local' | 'vendor' | null;
  /** Who chose, and when; absent where nobody did, or before this was kept. */
  decided?: { by: string; at: string };
  /** The change set that carries a choice out as soon as its values are copied. */
  preparing?: string;
}

/** Answer of `POST /api/catalog/plan/access`: who would see and may do more or less after a change set. Nothing was changed. */
export interface AccessPreview {
  /** Epoch that was compared with. */
  epoch: number;
  /**
   * Active users that were looked at, of all there are: of those beyond nothing is said. `further`: of those that were looked at, users for
   * whom something may differ, and whom `changes` has no room for.
   */
  users: { examined: number; total: number; further: number };
  /** Each user and entity where anything differs, at most 10,000; users whose fields or operations change first. */
  changes: AccessChange[];
}

/** What one user gains and loses on one entity. */
export interface AccessChange {
  user: { id: string; title: string };
  entity: string;
  /**
   * Records that it sees, and those that it may change; null: not counted, since it took too long, there were too many differences,
   * or a rule reads a field that has no column yet.
   */
  read: RowChange | null;
  update: RowChange | null;
  /**
   * Fields of which it sees or may do more or less than before, in the order of the entity: the most that any of its records shows. None
   * where it could see no record before or can no longer.
   */
  fields: FieldAccessChange[];
  /** True where its records do not all show the same fields, and which of them show which may change too; that is not counted. */
  fieldsByRecord: boolean;
  /** Further operations that it may do now, or no longer, e.g. `export`. */
  permissions: { gained: string[]; lost: string[] };
}

export interface FieldAccessChange {
  field: string;
  before: FieldAccess;
  after: FieldAccess;
}

export type FieldAccess = 'none' | 'masked' | 'read' | 'edit';

/** Counts are exact up to 10,000; `10001` says that there are more. */
export interface RowChange {
  gained: number;
  lost: number;
  samples: { gained: { id: string; title: string | null }[]; lost: { id: string; title: string | null }[] };
}
