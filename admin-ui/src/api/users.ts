import type { ApiKeyRow } from './admin.js';
import { request } from './client.js';
import type { OpenSession } from './session.js';

/** A link by which a user chooses a password. */
export interface UserLink {
  kind: 'invite' | 'reset';
  url: string;
  expiresAt: string;
  /** False: nobody mails it, so somebody has to hand it over. */
  isMailed: boolean;
}

/** A user that is a program: API keys and no other way in. */
export async function createServiceAccount(input: { name: string; roles: string[] }): Promise<string> {
  return (await request<{ data: { id: string } }>('/api/service-accounts', { method: 'POST', body: input })).data.id;
}

/** The key itself is in this answer only. */
export async function createServiceKey(
  id: string,
  input: { name: string; scopes?: string[]; expiresAt?: string },
): Promise<string> {
  const path = `/api/service-accounts/${encodeURIComponent(id)}/api-keys`;
  return (await request<{ data: { key: string } }>(path, { method: 'POST', body: input })).data.key;
}

/** What the workspace demands of whoever signs in by password. */
export interface SignInPolicy {
  secondFactorRoles: string[];
  /** Administrators may act as users. */
  impersonation: boolean;
}

const pathOf = (id: string) => `/api/users/${encodeURIComponent(id)}`;

/** An invitation where the user has no password yet, else a reset. Earlier links end. */
export async function makeUserLink(id: string): Promise<UserLink> {
  return (await request<{ data: UserLink }>(`${pathOf(id)}/link`, { method: 'POST' })).data;
}

export async function listUserSessions(id: string): Promise<{ sessions: OpenSession[]; keys: ApiKeyRow[] }> {
  return (await request<{ data: { sessions: OpenSession[]; keys: ApiKeyRow[] } }>(`${pathOf(id)}/sessions`)).data;
}

/** Ends one session or key; without `session` all of them. */
export function endUserSession(id: string, session?: string): Promise<void> {
  const rest = session === undefined ? '' : `/${encodeURIComponent(session)}`;
  return request(`${pathOf(id)}/sessions${rest}`, { method: 'DELETE' });
}

/** Takes a lost second factor off a user. */
export function clearUserTotp(id: string): Promise<void> {
  return request(`${pathOf(id)}/totp`, { method: 'DELETE' });
}

export async function getSignInPolicy(): Promise<SignInPolicy> {
  return (await request<{ data: SignInPolicy }>('/api/sign-in/policy')).data;
}

export async function changeSignInPolicy(policy: Partial<SignInPolicy>): Promise<SignInPolicy> {
  return (await request<{ data: SignInPolicy }>('/api/sign-in/policy', { method: 'PATCH', body: policy })).data;
}

/** A provider of sign-in by OpenID Connect. */
export interface ProviderRow {
  id: string;
  title: string;
  issuer: string;
  clientId: string;
  scopes: string;
  groupClaim: string | null;
  roleMap: Record<string, string>;
  defaultRoles: string[];
  domains: string[];
  makesUsers: boolean;
  linksUsers: boolean;
  active: boolean;
  hasSecret: boolean;
  /** The address that the provider must know. */
  redirectUri: string;
}

/** What is filled in; a secret that is left out stays as it is. */
export type ProviderValues = Omit<ProviderRow, 'hasSecret' | 'redirectUri'> & { clientSecret?: string };

export async function listProviders(): Promise<ProviderRow[]> {
  return (await request<{ data: ProviderRow[] }>('/api/sign-in/providers')).data;
}

export async function createProvider(values: ProviderValues): Promise<ProviderRow> {
  return (await request<{ data: ProviderRow }>('/api/sign-in/providers', { method: 'POST', body: values })).data;
}

export async function updateProvider({
  id,
  ...change
}: Partial<ProviderValues> & { id: string }): Promise<ProviderRow> {
  const path = `/api/sign-in/providers/${encodeURIComponent(id)}`;
  return (await request<{ data: ProviderRow }>(path, { method: 'PATCH', body: change })).data;
}

export function removeProvider(id: string): Promise<void> {
  return request(`/api/sign-in/providers/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
