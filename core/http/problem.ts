import { STATUS_CODES } from 'node:http';
import type { ErrorKind, TrellisError } from '../base/errors.js';

/** A refusal as it goes over the wire (RFC 9457, media type application/problem+json). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  hint?: string;
  /** Details, for a text of one's own. */
  params?: Record<string, unknown>;
  /** Id of the request, by which the log is searched. */
  requestId?: string;
  issues?: { path: string; code: string; message: string; params?: Record<string, unknown> }[];
}

/** The one table: kind → status, and the codes that differ from their kind. */
const statusOfKind: Record<ErrorKind, number> = {
  invalid: 422,
  denied: 403,
  missing: 404,
  conflict: 409,
  limited: 413,
  broken: 500,
};
const statusOfCode: Readonly<Record<string, number>> = {
  'request.malformed': 400,
  'request.method': 405,
  'request.media_type': 415,
  'request.timeout': 408,
  'request.url_too_long': 414,
  'request.headers_too_large': 431,
  'auth.required': 401,
  'auth.failed': 401,
  'auth.totp_required': 401,
  'auth.totp_failed': 401,
  'auth.passkey_required': 401,
  'auth.passkey_failed': 401,
  'record.stale': 412,
  'auth.too_many_attempts': 429,
  'auth.busy': 429,
  'events.too_many': 429,
  'request.too_many': 429,
  'database.unreachable': 503,
  'database.timeout': 429,
  'database.full': 503,
  'catalog.not_loaded': 503,
  'catalog.unstable': 503,
  'plugin.out_of_step': 503,
  'server.stopping': 503,
  'server.not_ready': 503,
};

/** Status of a refusal. */
export function statusOf(error: TrellisError): number {
  return statusOfCode[error.code] ?? statusOfKind[error.kind];
}

/** The problem of a refusal. Of our own faults nothing is told but the request id: what happened stands in the log. */
export function problemOf(error: TrellisError, requestId: string): Problem {
  const status = statusOf(error);
  const problem: Problem = {
    type: `urn:trellis:problem:${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: error.code,
    detail: error.message,
  };
  if (error.kind === 'broken') {
    const isAway = status === 503;
    problem.detail = isAway ? error.message : 'Something went wrong on the server.';
    problem.hint = isAway ? 'Try again in a moment.' : `Tell an administrator the request id ${requestId}.`;
    problem.requestId = requestId;
    return problem;
  }
  if (error.hint !== undefined) problem.hint = error.hint;
  if (error.params !== undefined) problem.params = error.params;
  if (error.issues !== undefined && error.issues.length > 0)
    problem.issues = error.issues.map(({ path, code, message, params }) => ({
      path,
      code,
      message,
      ...(params ? { params } : {}),
    }));
  return problem;
}

/** Seconds after which to try again, for the Retry-After header; null where that is no matter of time. */
export function retryAfterOf(error: TrellisError): number | null {
  const seconds = error.params?.retryAfterSeconds;
  if (typeof seconds === 'number' && Number.isFinite(seconds)) return Math.max(1, Math.ceil(seconds));
  return [429, 503].includes(statusOf(error)) ? 1 : null;
}
