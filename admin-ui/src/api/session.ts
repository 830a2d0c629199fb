import { request, urlOf } from './client.js';

export interface SessionAnswer {
  user: { id: string; name: string; email: string; locale?: string | null; zone?: string | null };
  roles: string[];
  locale: string;
  zone?: string;
  mustChangePassword: boolean;
  /** A role demands a second factor, and there is none yet. */
  mustSetUpSecondFactor: boolean;
  /** The administrator who acts as this user, and until when; null: the user itself is here. */
  impersonation: { by: { id: string; name: string }; until: string } | null;
}

export interface OpenSession {
  id: string;
  createdAt: string;
  lastSeenAt: string | null;
  userAgent: string | null;
  ip: string | null;
  current: boolean;
  /** Name of the administrator who acts as the user in it, or null. */
  actedBy: string | null;
}

/** Who is signed in, or null. */
export async function getSession(): Promise<SessionAnswer | null> {
  try {
    return (await request<{ data: SessionAnswer }>('/api/session', { ownAuth: true })).data;
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 401) return null;
    throw error;
  }
}

/** `totp`: a code of the app or a recovery code, where the first answer asked for it (auth.totp_required). */
export async function signIn(input: { email: string; password: string; totp?: string }): Promise<SessionAnswer> {
  return (await request<{ data: SessionAnswer }>('/api/session', { method: 'POST', body: input, ownAuth: true })).data;
}

/** One's own language and time zone; null: the workspace's. */
export async function changeSession(patch: { locale?: string | null; zone?: string | null }): Promise<SessionAnswer> {
  return (await request<{ data: SessionAnswer }>('/api/session', { method: 'PATCH', body: patch })).data;
}

export function signOut(): Promise<void> {
  return request('/api/session', { method: 'DELETE', ownAuth: true });
}

export function changePassword(input: { current: string; next: string }): Promise<void> {
  return request('/api/session/password', { method: 'POST', body: input, ownAuth: true });
}

export async function listSessions(): Promise<OpenSession[]> {
  return (await request<{ data: OpenSession[] }>('/api/sessions')).data;
}

export function endSession(id: string): Promise<void> {
  return request(`/api/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** Ends all sessions of one's own but for the present one. */
export function endOtherSessions(): Promise<void> {
  return request('/api/sessions', { method: 'DELETE' });
}

/** Ways to sign in here, before anybody is. */
export interface SignInOptions {
  /** False: no mail server, so a forgotten password needs an administrator. */
  resetByMail: boolean;
  /** Where one may sign in instead. */
  providers: { id: string; title: string }[];
}

/** Where the browser goes to sign in at a provider; `next` is a path of ours. */
export function providerUrl(id: string, next: string): string {
  return urlOf(`/api/session/oidc/${encodeURIComponent(id)}`, { next });
}

export async function getSignInOptions(): Promise<SignInOptions> {
  return (await request<{ data: SignInOptions }>('/api/session/options', { ownAuth: true })).data;
}

/** Answers the same whether there is such an account. */
export function requestReset(email: string): Promise<void> {
  return request('/api/session/reset', { method: 'POST', body: { email }, ownAuth: true });
}

/** Whom an invitation or a reset link is for. */
export interface OpenedLink {
  kind: 'invite' | 'reset';
  name: string;
  email: string;
}

export async function openLink(token: string): Promise<OpenedLink> {
  return (await request<{ data: OpenedLink }>('/api/session/link', { method: 'POST', body: { token }, ownAuth: true }))
    .data;
}

export function choosePassword(input: { token: string; password: string }): Promise<void> {
  return request('/api/session/link/password', { method: 'POST', body: input, ownAuth: true });
}

/** Codes of an app: on, demanded by a role, and how many recovery codes are left. */
export interface TotpStatus {
  isOn: boolean;
  isRequired: boolean;
  recoveryCodes: number;
}

export async function getTotpStatus(): Promise<TotpStatus> {
  return (await request<{ data: TotpStatus }>('/api/session/totp')).data;
}

/** A secret, and its address for a QR code. It counts once it is confirmed. */
export async function beginTotp(password: string): Promise<{ secret: string; uri: string }> {
  return (
    await request<{ data: { secret: string; uri: string } }>('/api/session/totp', {
      method: 'POST',
      body: { password },
      ownAuth: true,
    })
  ).data;
}

/** The recovery codes are in this answer only. */
export async function confirmTotp(code: string): Promise<string[]> {
  const answer = await request<{ data: { recoveryCodes: string[] } }>('/api/session/totp/confirm', {
    method: 'POST',
    body: { code },
    ownAuth: true,
  });
  return answer.data.recoveryCodes;
}

export async function renewRecoveryCodes(password: string): Promise<string[]> {
  const answer = await request<{ data: { recoveryCodes: string[] } }>('/api/session/totp/recovery-codes', {
    method: 'POST',
    body: { password },
    ownAuth: true,
  });
  return answer.data.recoveryCodes;
}

export function endTotp(password: string): Promise<void> {
  return request('/api/session/totp/end', { method: 'POST', body: { password }, ownAuth: true });
}

/** Acts as a user: from the next request on, this browser is that user. */
export function actAs(userId: string, reason: string): Promise<unknown> {
  return request(`/api/users/${encodeURIComponent(userId)}/impersonation`, { method: 'POST', body: { reason } });
}

/** Stops acting as a user. Answers whether the administrator is signed in again. */
export async function endActing(): Promise<boolean> {
  const { data } = await request<{ data: { goesBack: boolean } }>('/api/session/impersonation', {
    method: 'DELETE',
    ownAuth: true,
  });
  return data.goesBack;
}
