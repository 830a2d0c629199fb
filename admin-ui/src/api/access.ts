import { request } from './client.js';
import type { LinkValue } from './records.js';

/** One record shared with one user, team or territory. `until` null: it does not end by itself. */
export interface ShareRow {
  id: string;
  /** `type`: user, team or territory. */
  principal: (LinkValue & { type: string }) | null;
  level: 'read' | 'edit';
  until: string | null;
  reason: string | null;
}

/** A way by which a record reaches a user; `id` is that of a role, of a sharing or restriction rule, or the key of a link. */
export interface AccessWay {
  kind: 'role' | 'ownership' | 'hierarchy' | 'default' | 'parent' | 'rule' | 'share';
  id?: string;
  title?: string;
  /** The instant at which it ends; absent: it does not. */
  until?: string;
  /** Of which of the user's teams and territories that is so; absent: of itself. */
  through?: { type: 'user' | 'team' | 'territory'; id: string; title: string }[];
}

/** Why an operation is possible, or what is missing. */
export interface AccessReason {
  allowed: boolean;
  /** Ids of roles. */
  because: string[];
  by?: AccessWay[];
  restrictedBy?: AccessWay[];
  missing?: 'permission' | 'sharing' | 'restriction' | null;
}

export const explainedOperations = ['read', 'update', 'delete', 'share', 'assign', 'purge'] as const;
export type ExplainedOperation = (typeof explainedOperations)[number];
export type ExplainedLevel = 'none' | 'masked' | 'read' | 'edit';

/** What a user may do with a record and why, and what it sees of its fields. */
export type AccessExplained = Record<ExplainedOperation, AccessReason> & { fields: Record<string, ExplainedLevel> };

/** With whom a record is shared one by one, ended ones included. */
export async function listShares(entity: string, id: string, signal?: AbortSignal): Promise<ShareRow[]> {
  return (await request<{ data: ShareRow[] }>(`${pathOf(entity, id)}/shares`, { signal })).data;
}

/** Shares a record; one that is shared with the same already is changed. */
export async function shareRecord(
  entity: string,
  id: string,
  input: { principal: string; level: 'read' | 'edit'; until?: string; reason?: string },
): Promise<void> {
  await request(`${pathOf(entity, id)}/shares`, { method: 'POST', body: input });
}

/** Ends a share at once. */
export function endShare(entity: string, id: string, share: string): Promise<void> {
  return request(`${pathOf(entity, id)}/shares/${encodeURIComponent(share)}`, { method: 'DELETE' });
}

/** What a user may do with a record; without `user` what one may oneself. */
export async function explainAccess(
  entity: string,
  id: string,
  user?: string,
  signal?: AbortSignal,
): Promise<AccessExplained> {
  return (await request<{ data: AccessExplained }>(`${pathOf(entity, id)}/access`, { query: { user }, signal })).data;
}

function pathOf(entity: string, id: string): string {
  return `/api/records/${encodeURIComponent(entity)}/${encodeURIComponent(id)}`;
}
