import { hash, randomBytes } from 'node:crypto';

/** A new session token: 32 random bytes in base64url. */
export function newSessionToken(): string {
  return randomBytes(32).toString('base64url');
}

/** A new API key `trl_<id>_<secret>`: the id in 32 hex digits, the secret of 32 random bytes in base64url. */
export function newApiKey(id: string): string {
  return `trl_${id.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
}

/** A one-time password for people to type: 4 × 4 letters and digits that cannot be mistaken for one another (80 bits). */
export function newOneTimePassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  // 32 letters: a power of two, so that no letter is likelier than another.
  const letters = [...randomBytes(16)].map((byte) => alphabet[byte & 31]);
  return [0, 4, 8, 12].map((start) => letters.slice(start, start + 4).join('')).join('-');
}

/** What is stored of a token or key; it has 256 random bits, so a plain hash cannot be guessed back. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** True for text that could be a session token. */
export function isSessionToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** True for text that could be an API key. */
export function isApiKey(text: string): boolean {
  return /^trl_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/.test(text);
}
