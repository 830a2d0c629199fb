import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { request } from './client.js';
import type { SessionAnswer } from './session.js';

/** One's own passkey. */
export interface PasskeyRow {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
}

export async function listPasskeys(): Promise<PasskeyRow[]> {
  return (await request<{ data: PasskeyRow[] }>('/api/passkeys')).data;
}

/** What the browser needs to make one. */
export async function beginPasskey(password: string): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const answer = await request<{ data: PublicKeyCredentialCreationOptionsJSON }>('/api/passkeys/options', {
    method: 'POST',
    body: { password },
    ownAuth: true,
  });
  return answer.data;
}

export async function addPasskey(input: { name: string; response: unknown }): Promise<PasskeyRow> {
  return (await request<{ data: PasskeyRow }>('/api/passkeys', { method: 'POST', body: input })).data;
}

export function removePasskey(id: string): Promise<void> {
  return request(`/api/passkeys/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** What the browser needs to sign in; names no account. */
export async function beginPasskeySignIn(): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const answer = await request<{ data: PublicKeyCredentialRequestOptionsJSON }>('/api/session/passkey/options', {
    method: 'POST',
    ownAuth: true,
  });
  return answer.data;
}

export async function signInByPasskey(response: unknown): Promise<SessionAnswer> {
  const answer = await request<{ data: SessionAnswer }>('/api/session/passkey', {
    method: 'POST',
    body: { response },
    ownAuth: true,
  });
  return answer.data;
}
