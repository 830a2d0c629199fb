import { request } from './client.js';

export interface UserRow {
  id: string;
  name: string;
  email: string;
  locale: string | null;
  zone: string | null;
  roles: string[];
  active: boolean;
  mustChangePassword?: boolean;
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
  size: number;
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
}): Promise<{ user: { id: string }; password: string }> {
  const answer = (
    await request<{ data: { id?: string; user?: { id: string }; password: string } }>('/api/users', {
      method: 'POST',
      body: input,
    })
  ).data;
  return { user: answer.user ?? { id: answer.id ?? '' }, password: answer.password };
}

export function updateUser(
  id: string,
  patch: { name?: string; locale?: string | null; zone?: string | null; roles?: string[]; active?: boolean },
): Promise<void> {
  return request(`/api/users/${encodeURIComponent(id)}`, { method: 'PATCH', body: patch });
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

export async function listBackups(): Promise<BackupRow[]> {
  return (await request<{ data: BackupRow[] }>('/api/backups')).data;
}

export function createBackup(): Promise<unknown> {
  return request('/api/backups', { method: 'POST' });
}

export function backupUrl(id: string): string {
  return `/api/backups/${encodeURIComponent(id)}/file`;
}
