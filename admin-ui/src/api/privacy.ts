import { request } from './client.js';

export interface ErasurePlan {
  subjects: number;
  entities: {
    entity: string;
    rule: 'delete' | 'anonymise' | 'keep';
    count: number;
    fields?: string[];
    reason?: string;
    forDays?: number;
    heldBy?: { entity: string; field: string; count: number }[];
  }[];
  traces: { place: string; count: number }[];
  files: number;
  mentions: { entity: string; count: number; ids: string[] }[] | null;
  held: number;
}

export interface PrivacyRequest {
  id: string;
  kind: 'erase' | 'export';
  state: 'planned' | 'running' | 'done' | 'failed' | 'expired';
  reason: string;
  plan: ErasurePlan | null;
  subjects: number;
  done: number;
  createdAt: string;
  createdBy: { id: string; title: string | null } | null;
  finishedAt: string | null;
  expiresAt: string | null;
  error: string | null;
  hasCertificate: boolean;
}

export interface PrivacyMark {
  id: string;
  kind: 'hold' | 'restriction';
  entity: string;
  recordId: string;
  title: string | null;
  reason: string;
  createdAt: string;
  createdBy: { id: string; title: string | null } | null;
}

export interface PrivacyStatus {
  restricted: boolean;
  held: boolean;
}

export interface RetentionValues {
  entity: string;
  field: string;
  afterDays: number;
  filter: string;
  action: 'delete' | 'anonymise' | 'erase';
  active: boolean;
}

export interface RetentionRule extends RetentionValues {
  id: string;
  lastRunAt: string | null;
  lastCount: number | null;
}

interface Subject {
  entity: string;
  id: string;
}

const root = '/api/privacy';

export async function listPrivacyRequests(): Promise<PrivacyRequest[]> {
  return (await request<{ data: PrivacyRequest[] }>(`${root}/requests`)).data;
}

/** Whom an erasure means: by id, or all that a list shows. */
export type ErasurePeople = { ids: string[] } | { filter?: string; q?: string };

export async function planErasure(body: ErasurePeople & { entity: string; reason: string }): Promise<PrivacyRequest> {
  return (await request<{ data: PrivacyRequest }>(`${root}/erasures`, { method: 'POST', body })).data;
}

export async function runErasure(id: string): Promise<PrivacyRequest> {
  return (await request<{ data: PrivacyRequest }>(`${root}/requests/${id}/run`, { method: 'POST' })).data;
}

export const discardPrivacyRequest = (id: string) => request(`${root}/requests/${id}`, { method: 'DELETE' });
export const orderPersonExport = (input: Subject & { reason: string }) =>
  request(`${root}/exports`, { method: 'POST', body: input });
export const archiveUrl = (id: string): string => `${root}/requests/${id}/file`;
export const certificateUrl = (id: string): string => `${root}/requests/${id}/certificate`;

export async function getPrivacyStatus({ entity, id }: Subject): Promise<PrivacyStatus> {
  return (await request<{ data: PrivacyStatus }>(`${root}/subjects/${entity}/${id}`)).data;
}

export async function listPrivacyMarks(): Promise<PrivacyMark[]> {
  return (await request<{ data: PrivacyMark[] }>(`${root}/marks`)).data;
}

export const setPrivacyMark = (input: Subject & { kind: PrivacyMark['kind']; reason: string }) =>
  request(`${root}/marks`, { method: 'POST', body: input });
export const liftPrivacyMark = (id: string) => request(`${root}/marks/${id}`, { method: 'DELETE' });

export async function listRetention(): Promise<RetentionRule[]> {
  return (await request<{ data: RetentionRule[] }>(`${root}/retention`)).data;
}

export async function planRetention(values: RetentionValues): Promise<{ count: number; before: string }> {
  const plan = request<{ data: { count: number; before: string } }>(`${root}/retention/plan`, {
    method: 'POST',
    body: values,
  });
  return (await plan).data;
}

export const keepRetention = (id: string | null, values: RetentionValues) =>
  request(id === null ? `${root}/retention` : `${root}/retention/${id}`, {
    method: id === null ? 'POST' : 'PUT',
    body: values,
  });
export const dropRetention = (id: string) => request(`${root}/retention/${id}`, { method: 'DELETE' });
