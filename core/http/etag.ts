import { invalid } from '../base/errors.js';

/** ETag of a record's version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** The version of an If-Match header; undefined where there is none or it is `*`. Throws request.if_match. */
export function versionOf(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const match = /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(header);
  if (!match)
    throw invalid('request.if_match', 'If-Match must hold one ETag as the record was answered with, e.g. "3".');
  return Number(match[1]);
}
