import { sessionDays } from '../identity/index.js';

/** Name of the session cookie. */
export const sessionCookie = 'trellis_session';

/** Value of the session cookie in a Cookie header, or null. A name that stands twice counts as none. */
export function readSessionCookie(header: string | undefined): string | null {
  if (header === undefined || !header.includes(sessionCookie)) return null;
  let found: string | null = null;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals < 0 || part.slice(0, equals).trim() !== sessionCookie) continue;
    if (found !== null) return null;
    found = part.slice(equals + 1).trim();
  }
  return found === '' ? null : found;
}

/** Set-Cookie that keeps a session; null ends it. */
export function writeSessionCookie(token: string | null, isSecure: boolean): string {
  const age = token === null ? 0 : sessionDays * 86_400;
  return `${sessionCookie}=${token ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}

/** The token of `Authorization: Bearer …`, or null. */
export function readBearer(header: string | undefined): string | null {
  const match = header === undefined ? null : /^Bearer +([^\s,]+) *$/i.exec(header);
  return match?.[1] ?? null;
}
