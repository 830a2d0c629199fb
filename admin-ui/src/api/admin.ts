import type { AccessPreview } from '../../../schemas/studio.js';
import { request } from './client.js';
import type { UserLink } from './users.js';

export interface UserRow {
  id: string;
  name: string;
  email: string;
  locale: string | null;
  zone: string | null;
  roles: string[];
  active: boolean;
  mustChangePassword?: boolean;
  /** A service account has API keys and no other way in. */
  kind: 'person' | 'service';
  /** False: invited and not yet there, or signs in elsewhere. */
  hasPassword: boolean;
  /** Codes of an app are on. */
  hasTotp: boolean;
  /** Id of the user that it reports to. */
  reportsTo: string | null;
  lastSeenAt?: string | null;
}

export interface RoleRow {
  id: string;
  title: string;
  description?: string;
}

export interface ApiKeyRow {
  id: string;
  name: string;
  scopes: string[] | null;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  prefix?: string;
  revokedAt?: string | null;
}

export interface PluginProblem {
  file: string;
  pointer?: string;
  code: string;
  message: string;
  suggestion?: string;
}

export interface PluginRow {
  id: string;
  title: string;
  description?: string;
  version: string | null;
  icon?: string;
  state: string;
  requires?: Record<string, string>;
  problems?: PluginProblem[];
  /** What keeps it from nothing: rules that name nobody. */
  warnings?: PluginProblem[];
  /** What its code does beyond records, e.g. `network`. */
  capabilities?: string[];
  hasSettings?: boolean;
  uninstall?: 'keep' | 'purge';
}

export interface JobRow {
  id: string;
  name: string;
  state: string;
  createdAt?: string | null;
  startedAt?: string | null;
  completedAt?: string | null;
  attempts?: number;
  retryLimit?: number;
  error?: string | null;
}

export interface ScheduleRow {
  name: string;
  cron: string;
  zone?: string | null;
}

export interface BackupRow {
  id: string;
  createdAt: string;
  /** Bytes; null while it is made. */
  size: number | null;
  /** Absent: done. */
  status?: 'waiting' | 'running' | 'done' | 'failed';
  /** 0 to 1, while it is made. */
  progress?: number | null;
  error?: string;
}

/** When backups are made by themselves; `everyHours` null: never, for the reason. */
export interface BackupPlan {
  everyHours: number | null;
  next?: string | null;
  reason?: string | null;
}

export interface BackupList {
  backups: BackupRow[];
  plan: BackupPlan | null;
}

/** One setting of a plugin, as its plugin.json describes it. */
export interface PluginSetting {
  type: 'string' | 'number' | 'integer' | 'boolean';
  title: string;
  description?: string;
  default?: string | number | boolean;
  enum?: (string | number | boolean)[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

export interface PluginSettings {
  schema: { required?: string[]; properties: Record<string, PluginSetting> };
  /** What counts now: what was set, else the default. */
  values: Record<string, string | number | boolean>;
  set: string[];
}

/** What uninstalling would do to the data. */
export interface UninstallPlan {
  policy: 'keep' | 'purge';
  entities: { entity: string; table: string; rows: number }[];
  fields: { entity: string; field: string; rows: number }[];
  requiredBy: string[];
  confirm: string | null;
}

/** Users, with a new one's one-time password in the answer, shown once. */
export async function listUsers(): Promise<UserRow[]> {
  return (await request<{ data: UserRow[] }>('/api/users')).data;
}

export async function createUser(input: {
  name: string;
  email: string;
  roles: string[];
  locale?: string;
  /** The user chooses a password by a link. */
  invite?: boolean;
  /** Id of a user; null: of nobody. */
  reportsTo?: string | null;
}): Promise<{ id: string; password: string | null; link: UserLink | null }> {
  const answer = await request<{ data: { id: string; password: string | null; link: UserLink | null } }>('/api/users', {
    method: 'POST',
    body: input,
  });
  return answer.data;
}

export function updateUser(
  id: string,
  patch: {
    name?: string;
    locale?: string | null;
    zone?: string | null;
    roles?: string[];
    active?: boolean;
    reportsTo?: string | null;
  },
): Promise<void> {
  return request(`/api/users/${encodeURIComponent(id)}`, { method: 'PATCH', body: patch });
}

/** What is to change about a user; what is absent stays. `joins`, `leaves`: ids of teams and territories. */
export interface PersonChange {
  id: string;
  roles?: string[];
  reportsTo?: string | null;
  joins?: string[];
  leaves?: string[];
}

/** What is to change about a team or territory. `parent`: id of the territory above, null: none. */
export interface GroupChange {
  id: string;
  parent?: string | null;
  deleted?: boolean;
}

/** A change of who reaches what. */
export interface PeopleChange {
  users?: PersonChange[];
  groups?: GroupChange[];
}

/** Who would see and may do more or less after a change of people. Changes nothing. */
export async function planPeopleAccess(change: PeopleChange): Promise<AccessPreview> {
  return (await request<{ data: AccessPreview }>('/api/users/plan/access', { method: 'POST', body: change })).data;
}

export async function resetUserPassword(id: string): Promise<string> {
  return (
    await request<{ data: { password: string } }>(`/api/users/${encodeURIComponent(id)}/reset-password`, {
      method: 'POST',
    })
  ).data.password;
}

export async function listRoles(): Promise<RoleRow[]> {
  return (await request<{ data: RoleRow[] }>('/api/roles')).data;
}

export async function listApiKeys(): Promise<ApiKeyRow[]> {
  return (await request<{ data: ApiKeyRow[] }>('/api/api-keys')).data;
}

/** The key itself is in this answer only. */
export async function createApiKey(input: {
  name: string;
  scopes?: string[];
  expiresAt?: string;
}): Promise<{ id: string; key: string }> {
  return (await request<{ data: { id: string; key: string } }>('/api/api-keys', { method: 'POST', body: input })).data;
}

export function revokeApiKey(id: string): Promise<void> {
  return request(`/api/api-keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

export async function listPlugins(): Promise<PluginRow[]> {
  return (await request<{ data: PluginRow[] }>('/api/plugins')).data;
}

export async function getPluginSettings(id: string): Promise<PluginSettings> {
  return (await request<{ data: PluginSettings }>(`/api/plugins/${encodeURIComponent(id)}/settings`)).data;
}

/** Null goes back to the default. */
export function changePluginSettings(id: string, values: Record<string, unknown>): Promise<void> {
  return request(`/api/plugins/${encodeURIComponent(id)}/settings`, { method: 'PATCH', body: values });
}

export async function planUninstall(id: string, policy: 'keep' | 'purge'): Promise<UninstallPlan> {
  const path = `/api/plugins/${encodeURIComponent(id)}/uninstall`;
  return (await request<{ data: UninstallPlan }>(path, { method: 'POST', query: { plan: 'true', policy } })).data;
}

export function uninstallPlugin(id: string, body: { policy: 'keep' | 'purge'; confirm?: string }): Promise<void> {
  return request(`/api/plugins/${encodeURIComponent(id)}/uninstall`, { method: 'POST', body });
}

export function installPlugin(id: string): Promise<void> {
  return request(`/api/plugins/${encodeURIComponent(id)}/install`, { method: 'POST' });
}

export function setPluginEnabled(id: string, enabled: boolean): Promise<void> {
  return request(`/api/plugins/${encodeURIComponent(id)}/${enabled ? 'enable' : 'disable'}`, { method: 'POST' });
}

/** Jobs of one state (absent: the latest of all), and the schedules. */
export async function listJobs(state?: string): Promise<{ jobs: JobRow[]; schedules: ScheduleRow[] }> {
  const answer = await request<{
    data: JobRow[] | { jobs: JobRow[]; schedules?: ScheduleRow[] };
    schedules?: ScheduleRow[];
  }>('/api/jobs', { query: { state } });
  if (Array.isArray(answer.data)) return { jobs: answer.data, schedules: answer.schedules ?? [] };
  return { jobs: answer.data.jobs, schedules: answer.data.schedules ?? [] };
}

export function retryJob(id: string): Promise<void> {
  return request(`/api/jobs/${encodeURIComponent(id)}/retry`, { method: 'POST' });
}

export async function listBackups(): Promise<BackupList> {
  const answer = await request<{ data: BackupRow[]; schedule?: BackupPlan }>('/api/backups');
  return { backups: answer.data, plan: answer.schedule ?? null };
}

/** The finished backup, or null where the server makes it as a job: it then appears in the list. */
export async function createBackup(): Promise<BackupRow | null> {
  const answer = await request<{ data?: Partial<BackupRow> } | undefined>('/api/backups', { method: 'POST' });
  const made = answer?.data;
  const isDone = typeof made?.size === 'number' && (made.status ?? 'done') === 'done';
  return isDone ? (made as BackupRow) : null;
}

export function backupUrl(id: string): string {
  return `/api/backups/${encodeURIComponent(id)}/file`;
}
