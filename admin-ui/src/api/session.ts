import { request } from './client.js';

export interface SessionAnswer {
  user: { id: string; name: string; email: string; locale?: string | null; zone?: string | null };
  roles: string[];
  locale: string;
  zone?: string;
  mustChangePassword: boolean;
}

export interface OpenSession {
  id: string;
  createdAt: string;
  lastSeenAt: string | null;
  userAgent: string | null;
  ip: string | null;
  current: boolean;
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

export async function signIn(input: { email: string; password: string }): Promise<SessionAnswer> {
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
