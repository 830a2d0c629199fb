import { sessionDays } from '../identity/index.js';

/** Name of the session cookie. */
export const sessionCookie = 'trellis_session';

/** Name of the cookie that a sign-in elsewhere is finished with. */
export const flowCookie = 'trellis_sign_in';

/** Value of the session cookie in a Cookie header, or null. A name that stands twice counts as none. */
export function readSessionCookie(header: string | undefined): string | null {
  return readCookie(header, sessionCookie);
}

/** Value of a cookie in a Cookie header, or null. A name that stands twice counts as none. */
export function readCookie(header: string | undefined, name: string): string | null {
  if (header === undefined || !header.includes(name)) return null;
  let found: string | null = null;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals < 0 || part.slice(0, equals).trim() !== name) continue;
    if (found !== null) return null;
    found = part.slice(equals + 1).trim();
  }
  return found === '' ? null : found;
}

/** Set-Cookie that keeps what a sign-in elsewhere needs on the way back; null ends it. */
export function writeFlowCookie(flow: string | null, isSecure: boolean): string {
  const age = flow === null ? 0 : 600;
  return `${flowCookie}=${flow ?? ''}; Path=/api/session/oidc; Max-Age=${age}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}

/** Name of the cookie with which an administrator comes back from acting as somebody. */
export const ownCookie = 'trellis_own';

/** Set-Cookie that keeps the administrator's own session while it acts as somebody; sent to the door that ends it, and nowhere else. */
export function writeOwnCookie(token: string | null, isSecure: boolean): string {
  const age = token === null ? 0 : sessionDays * 86_400;
  return `${ownCookie}=${token ?? ''}; Path=/api/session/impersonation; Max-Age=${age}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

/** Set-Cookie that keeps a session, for as long as sessions last where nothing else is said; null ends it. */
export function writeSessionCookie(token: string | null, isSecure: boolean, seconds = sessionDays * 86_400): string {
  const age = token === null ? 0 : seconds;
  return `${sessionCookie}=${token ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}

/** The token of `Authorization: Bearer …`, or null. */
export function readBearer(header: string | undefined): string | null {
  const match = header === undefined ? null : /^Bearer +([^\s,]+) *$/i.exec(header);
  return match?.[1] ?? null;
}
