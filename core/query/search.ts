import { invalid } from '../base/errors.js';
import { searchExpression, type EntityModel } from '../schema/index.js';
import type { Sql } from './sql.js';
import type { Scoped } from './types.js';
import { isMasked } from './visible.js';

/** Words of a search that are looked for; more would only slow it. */
const TERMS_AT_MOST = 8;

/**
 * SQL that is true where every word of `text` occurs in the searchable fields, without regard to case. One or two Latin
 * letters stand for the beginning of a word. `isCommon`: the index is left out, since a walk in the list's order is sooner done.
 * Throws query.not_searchable.
 */
export function searchSql(sql: Sql, scope: Scoped, alias: string, text: string, isCommon = false): string {
  const { entity, fields } = scope;
  const document = searchExpression(entity, alias);
  const readable = searchExpression(entity, alias, { has: (key) => fields.has(key) && !isMasked(scope, key) });
  if (document === null || readable === null)
    throw invalid('query.not_searchable', `${entity.titlePlural} have no searchable fields.`, {
      params: { entity: entity.id },
    });
  if (text.length > 200) throw invalid('query.search_too_long', 'A search may have at most 200 characters.');
  const terms = [...new Set(text.toLowerCase().split(/\s+/).filter(Boolean))].slice(0, TERMS_AT_MOST);
  if (terms.length === 0) return 'true';
  const exact = terms.map((term) => `lower(${readable}) like ${sql.param(`%${escapeLike(term)}%`)}`);
  if (isCommon) return `(${exact.join(' and ')})`;
  const grams = (among: string): string =>
    `trellis.grams(${among}) @> trellis.query_grams(${sql.param(terms.join(' '), 'text')})`;
  // The index holds all fields; where some are hidden it only narrows down, and the readable ones decide.
  if (readable !== document) exact.push(grams(readable));
  return `(${grams(document)} and ${exact.join(' and ')})`;
}

/** The indexable part of a contains-condition: true for every row whose searchable text has `text` in it, or null where grams say nothing. */
export function searchCondition(sql: Sql, entity: EntityModel, alias: string, text: string): string | null {
  const document = searchExpression(entity, alias);
  // A short Latin run asks for the beginning of a word, which contains does not.
  const inner = text.replace(/^[\p{L}\p{N}]*|[\p{L}\p{N}]*$/gu, (run) => (isShortLatin(run) ? ' ' : run));
  if (document === null || inner.split(/[^\p{L}\p{N}]+/u).some(isShortLatin) || !/[\p{L}\p{N}]/u.test(inner))
    return null;
  sql.replan = true;
  return `trellis.grams(${document}) @> trellis.query_grams(${sql.param(inner, 'text')})`;
}

function isShortLatin(run: string): boolean {
  return (
    run.length > 0 &&
    run
      .split(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+/)
      .some((part) => part.length > 0 && part.length < 3)
  );
}

/** `%`, `_` and `\` taken literally. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (char) => `\\${char}`);
}
