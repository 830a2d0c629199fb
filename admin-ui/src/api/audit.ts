import { request } from './client.js';

export interface AuditFilter {
  kind?: string;
  actor?: string;
  entity?: string;
  record?: string;
  /** Instants: from this one on, before that one. */
  from?: string;
  to?: string;
  q?: string;
}

export interface AuditRow {
  id: string;
  at: string;
  kind: string;
  actor: { id: string; title: string | null } | null;
  requestId: string | null;
  /** Null: erased. */
  payload: Record<string, unknown> | null;
  payloadHash: string;
  /** Place in the chain; null: not sealed yet. */
  seq: number | null;
  hash: string | null;
}

export interface ChainState {
  seq: number;
  anchor: string;
  sealedAt: string | null;
  waiting: number;
  isChecking: boolean;
  checkedAt: string | null;
  found: {
    ok: boolean;
    upTo: number;
    entries: number;
    erased: number;
    pruned: number;
    problem: { seq: number; entryId: string | null; code: string } | null;
  } | null;
}

export interface AuditKind {
  kind: string;
  /** Null: for ever. */
  days: number | null;
  canEnd: boolean;
}

/** One page, newest first; `next` is the cursor of the following one. */
export async function listAudit(
  query: AuditFilter & { after?: string },
): Promise<{ entries: AuditRow[]; next: string | null }> {
  const { data, page } = await request<{ data: AuditRow[]; page: { next: string | null } }>('/api/audit', {
    query: { ...query, limit: 50 },
  });
  return { entries: data, next: page.next };
}

export async function getChain(): Promise<ChainState> {
  return (await request<{ data: ChainState }>('/api/audit/chain')).data;
}

export const checkChain = () => request('/api/audit/check', { method: 'POST', body: {} });

export async function listAuditKinds(): Promise<AuditKind[]> {
  return (await request<{ data: AuditKind[] }>('/api/audit/kinds')).data;
}

export const keepAuditKind = (kind: string, days: number | null) =>
  request(`/api/audit/kinds/${encodeURIComponent(kind)}`, { method: 'PUT', body: { days } });

/** Where the browser downloads the entries of a filter. */
export function auditFileUrl(filter: AuditFilter, format: 'csv' | 'ndjson'): string {
  const given = Object.entries({ ...filter, format }).filter((each): each is [string, string] => Boolean(each[1]));
  return `/api/audit/export?${new URLSearchParams(given).toString()}`;
}
