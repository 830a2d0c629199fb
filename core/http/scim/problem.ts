import { STATUS_CODES } from 'node:http';
import type { TrellisError } from '../../base/errors.js';
import { problemOf, statusOf } from '../problem.js';

/** Media type of SCIM. */
export const scimType = 'application/scim+json; charset=utf-8';

/** Codes → the words of RFC 7644 §3.12. */
const types: Readonly<Record<string, string>> = {
  'scim.filter': 'invalidFilter',
  'scim.path': 'invalidPath',
  'scim.no_target': 'noTarget',
  'scim.syntax': 'invalidSyntax',
  'scim.value': 'invalidValue',
  'scim.taken': 'uniqueness',
  'request.malformed': 'invalidSyntax',
  'request.body': 'invalidSyntax',
};

/** True for addresses that are answered as RFC 7644 says, refusals too. */
export function isScim(url: string | undefined): boolean {
  return url !== undefined && /^\/scim\/v2(\/|\?|$)/.test(url);
}

/** A refusal as directories understand it. `detail` ends with our code, by which the operator finds it. */
export function scimProblem(error: TrellisError, requestId: string): { status: number; body: string } {
  const isTaken = error.issues?.some(({ code }) => code === 'field.unique' || code === 'record.exists') === true;
  const type = isTaken ? 'uniqueness' : (types[error.code] ?? (error.kind === 'invalid' ? 'invalidValue' : undefined));
  const own = statusOf(error);
  // What is wrong with the input is 400 there, whatever it is.
  const status = isTaken ? 409 : own === 422 ? 400 : own;
  const { detail } = problemOf(error, requestId);
  const said = [detail, ...(error.issues ?? []).map(({ message }) => message)].filter(
    (each, at, all) => all.indexOf(each) === at,
  );
  return {
    status,
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      ...(type !== undefined && (status === 400 || status === 409) ? { scimType: type } : {}),
      detail: `${said.join(' ') || (STATUS_CODES[status] ?? 'Error')} (${error.code})`,
    }),
  };
}
