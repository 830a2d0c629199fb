import type { IncomingHttpHeaders } from 'node:http';
import { denied } from '../base/errors.js';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a state change that a page of another origin sends with the user's cookie. By the rules of Go's
 * net/http.CrossOriginProtection: browsers say where a request comes from (Sec-Fetch-Site, Origin), and what carries
 * neither was not sent by a browser. Throws request.cross_origin.
 */
export function checkOrigin(input: {
  method: string;
  headers: IncomingHttpHeaders;
  publicOrigin: string | null;
}): void {
  const { headers } = input;
  // A bearer token is sent by code that holds it, never by a browser on its own.
  if (safeMethods.has(input.method) || headers.authorization !== undefined) return;
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  const { origin, host } = headers;
  if (site === undefined && origin === undefined) return;
  if (
    origin !== undefined &&
    (origin === input.publicOrigin || (site === undefined && hostOf(origin) === host?.toLowerCase()))
  )
    return;
  throw denied('request.cross_origin', 'This change was sent from a page of another origin.', {
    hint: 'Use an API key for calls from elsewhere.',
  });
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
