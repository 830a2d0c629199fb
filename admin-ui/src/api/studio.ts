import type {
  AccessPreview,
  ChangeInput,
  ChangePlan,
  ChangeSet,
  DefinitionAnswer,
  TableWork,
  UpgradeConflict,
  WorkspaceOperation,
} from '../../../schemas/studio.js';
import { request } from './client.js';

/** A definition as the overview lists it. */
export interface DefinitionRow {
  type: string;
  id: string;
  plugin: string;
  title: string;
  /** Of entity, view, form, record-type: the entity it is about. */
  entity?: string;
  /** The workspace changed something of it. */
  customized: boolean;
}

/** What `POST /api/catalog/check-expression` tells while one types. */
export interface ExpressionCheck {
  ok: boolean;
  type: string | null;
  problem: { message: string; at: { start: number; end: number } | null; suggestion: string | null } | null;
  /** The value on the sample record, in API form; null also where there is none. */
  result: unknown;
  /** The sample: the one asked for, else the newest record. */
  record: { id: string; title: string } | null;
}

export async function listDefinitions(type?: string): Promise<DefinitionRow[]> {
  return (await request<{ data: DefinitionRow[] }>('/api/catalog/definitions', { query: { type } })).data;
}

/** The effective document, what stands below the workspace, origins and users. */
export async function getDefinition(type: string, id: string): Promise<DefinitionAnswer> {
  return (await request<{ data: DefinitionAnswer }>(`/api/catalog/definitions/${type}/${encodeURIComponent(id)}`)).data;
}

/** What a change set would do. Changes nothing. */
export async function planChange(input: ChangeInput): Promise<ChangePlan> {
  return (await request<{ data: ChangePlan }>('/api/catalog/plan', { method: 'POST', body: input })).data;
}

/** Who would see and may do more or less after a change set. Changes nothing. */
export async function planAccess(input: ChangeInput): Promise<AccessPreview> {
  return (await request<{ data: AccessPreview }>('/api/catalog/plan/access', { method: 'POST', body: input })).data;
}

export async function applyChange(input: ChangeInput): Promise<ChangeSet> {
  return (await request<{ data: ChangeSet }>('/api/catalog/apply', { method: 'POST', body: input })).data;
}

/** Applied, reverted and draft change sets, newest first. */
export async function listChanges(): Promise<ChangeSet[]> {
  return (await request<{ data: ChangeSet[] }>('/api/catalog/changes')).data;
}

/** How a change set is taken back. Without `overwrite` it is refused where the same was changed again later. */
export interface RevertOptions {
  overwrite?: boolean;
  onBroken?: 'refuse' | 'remove';
}

export async function planRevert(id: string, options: RevertOptions = {}): Promise<ChangePlan> {
  return (
    await request<{ data: ChangePlan }>(`/api/catalog/changes/${id}/revert`, {
      method: 'POST',
      query: { plan: true },
      body: options,
    })
  ).data;
}

export async function revertChange(id: string, options: RevertOptions = {}): Promise<ChangeSet> {
  return (await request<{ data: ChangeSet }>(`/api/catalog/changes/${id}/revert`, { method: 'POST', body: options }))
    .data;
}

/** Keeps operations on the server for later or for others; a draft that was opened is replaced, unless somebody saved it since. */
export async function saveDraft(
  input: { reason: string; operations: readonly WorkspaceOperation[]; basis?: Readonly<Record<string, number>> },
  draft: { id: string; at?: string } | null,
): Promise<ChangeSet> {
  const [url, method, body] =
    draft === null
      ? (['/api/catalog/drafts', 'POST', input] as const)
      : ([`/api/catalog/drafts/${draft.id}`, 'PATCH', { ...input, seen: draft.at }] as const);
  return (await request<{ data: ChangeSet }>(url, { method, body })).data;
}

export async function deleteDraft(id: string): Promise<void> {
  await request(`/api/catalog/drafts/${id}`, { method: 'DELETE' });
}

/** Type and problem of an expression over an entity, and its value on a record. */
export async function checkExpression(input: {
  entity: string;
  expression: string;
  type?: string;
  record?: string;
}): Promise<ExpressionCheck> {
  return (await request<{ data: ExpressionCheck }>('/api/catalog/check-expression', { method: 'POST', body: input }))
    .data;
}

export async function listConflicts(): Promise<UpgradeConflict[]> {
  return (await request<{ data: UpgradeConflict[] }>('/api/catalog/conflicts')).data;
}

/** What taking a side would do. */
export async function planDecision(id: string, choice: 'local' | 'vendor'): Promise<ChangePlan> {
  const options = { method: 'POST', query: { plan: true }, body: { choice } } as const;
  return (await request<{ data: ChangePlan }>(`/api/catalog/conflicts/${id}`, options)).data;
}

/** What jobs still do in the tables after changes, and what failed. */
export async function listTableWork(): Promise<TableWork[]> {
  return (await request<{ data: TableWork[] }>('/api/catalog/work')).data;
}

export async function decideConflict(id: string, choice: 'local' | 'vendor'): Promise<void> {
  await request(`/api/catalog/conflicts/${id}`, { method: 'POST', body: { choice } });
}

/** Definitions as files: path → document. */
export interface PackageBundle {
  manifest?: Record<string, unknown>;
  files: Record<string, unknown>;
}

/** The workspace layer as a package. */
export async function exportPackage(): Promise<PackageBundle> {
  return (await request<{ data: PackageBundle }>('/api/catalog/package')).data;
}

/** The workspace layer as a plugin with keys of its own; `renames` tells which key became which. */
export async function publishPackage(input: {
  id: string;
  version: string;
  title: string;
}): Promise<PackageBundle & { renames?: { ids: Record<string, string>; keys: Record<string, string> } }> {
  return (await request<{ data: PackageBundle }>('/api/catalog/publish', { method: 'POST', body: input })).data;
}

const places = { workspace: '/api/catalog/package', plugin: '/api/plugins/install' } as const;

/** The plan of a package; of a plugin also the conflicts with this workspace's changes that its version would raise. */
export interface PackagePlan extends ChangePlan {
  conflicts: UpgradeConflict[];
}

/** What the server tells of a plugin: its problems are in its files, not in definitions of here. */
interface PluginPlan {
  applicable: boolean;
  problems: { plugin: string; file: string; pointer: string; code: string; message: string }[];
  statements: ChangePlan['statements'];
  diff: ChangePlan['diff'];
  conflicts: UpgradeConflict[];
}

/** What installing a package would do; nothing is changed. */
export async function planPackage(as: keyof typeof places, bundle: PackageBundle): Promise<PackagePlan> {
  const body = bodyOf(as, bundle);
  const options = { method: 'POST', body, query: { plan: true } } as const;
  if (as === 'workspace') return { ...(await request<{ data: ChangePlan }>(places[as], options)).data, conflicts: [] };
  const { problems, ...plan } = (await request<{ data: PluginPlan }>(places[as], options)).data;
  return {
    ...plan,
    epoch: 0,
    broken: [],
    overtaken: [],
    warnings: [],
    problems: problems.map(({ file, pointer, code, message }) => ({ type: '', id: file, at: pointer, code, message })),
  };
}

/** Installs a workspace package into this workspace's layer, or a plugin without code. `preparing`: values are copied first. */
export async function installPackage(as: keyof typeof places, bundle: PackageBundle): Promise<{ state: string }> {
  return (await request<{ data: { state: string } }>(places[as], { method: 'POST', body: bodyOf(as, bundle) })).data;
}

/** What publishing tells beside the files is no part of a plugin. */
function bodyOf(as: keyof typeof places, { manifest, files }: PackageBundle): PackageBundle {
  return as === 'plugin' || manifest === undefined ? { files } : { manifest, files };
}

/** A template rendered with sample values, or what is wrong with it. */
export interface TemplatePreview {
  issues: { path: string; code: string; message: string; params: { line: number | null } }[];
  subject: string | null;
  html: string | null;
  text: string | null;
}

export async function previewTemplate(input: {
  subject: string;
  body: string;
  text?: string;
  sample: unknown;
  locale: string;
}): Promise<TemplatePreview> {
  return (await request<{ data: TemplatePreview }>('/api/templates/preview', { method: 'POST', body: input })).data;
}
