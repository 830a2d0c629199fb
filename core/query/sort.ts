import { invalid } from '../base/errors.js';
import { memberSql, readableField, sortedSql } from './member.js';
import type { Sql } from './sql.js';
import type { QueryEnv, Scoped } from './types.js';

/** One sort key. Nulls stand where PostgreSQL puts them by itself (last ascending, first descending), so that indexes serve both directions. */
export interface SortKey {
  readonly sql: string;
  /** Type to which a cursor's text is cast. */
  readonly type: string;
  readonly descending: boolean;
  readonly nullable: boolean;
}

const SORTS_AT_MOST = 6;
const neverNull = new Set(['id', 'createdAt', 'updatedAt', 'version']);

/**
 * Resolves `-createdAt,name` and appends creation and id as tie-breaks, turned so that an index on
 * (field, created_at desc, id desc) is walked forward or backward. Throws query.unknown_field, query.not_sortable.
 */
export function planSort(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  sort: readonly string[] | undefined,
  alias: string,
): SortKey[] {
  const wanted = sort?.length ? sort : scope.entity.defaultSort;
  if (wanted.length > SORTS_AT_MOST) throw invalid('query.too_many_sorts', `At most ${SORTS_AT_MOST} sort keys.`);
  const names = wanted.map((key) => key.replace(/^[-+]/, ''));
  const keys = wanted.map((key) => sortKey(sql, env, scope, key, alias));
  if (names.includes('id')) return keys;
  const last = keys[keys.length - 1];
  // After an own field the tie-break runs newest first within ascending values, which is the index's order.
  const descending = names[names.length - 1] === 'createdAt' ? last.descending : !last.descending;
  if (!names.includes('createdAt'))
    keys.push({ sql: `${alias}.created_at`, type: 'timestamptz', descending, nullable: false });
  keys.push({ sql: `${alias}.id`, type: 'uuid', descending, nullable: false });
  return keys;
}

function sortKey(sql: Sql, env: QueryEnv, scope: Scoped, text: string, alias: string): SortKey {
  const descending = text.startsWith('-');
  const path = text.replace(/^[-+]/, '').split('.');
  const field = readableField(scope, path[0], 'sort');
  const nullable = !neverNull.has(path[0]);
  if (field.kind.relation === 'one') return linkSortKey(sql, env, scope, path, alias, descending);
  const key = path.length === 1 ? sortedSql(sql, env, field, alias) : null;
  if (key === null) throw notSortable(scope, path.join('.'));
  return { sql: key, type: field.kind.sortType(field), descending, nullable };
}

/** A link sorts by its target's title, or by the named field of the target. */
function linkSortKey(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  path: string[],
  alias: string,
  descending: boolean,
): SortKey {
  const link = readableField(scope, path[0], 'sort');
  const target = env.scopeOf(link.to[0]);
  // Nothing of a hidden entity decides the order, not even which of its records is meant.
  if (!target) return { sql: 'null::uuid', type: 'uuid', descending, nullable: true };
  const field = readableField(target, path[1] ?? target.entity.titleField, 'sort');
  const ordered =
    path.length > 2 || field.kind.relation !== undefined ? null : field.kind.sortSql(field, 'member', env.collation);
  if (ordered === null) throw notSortable(scope, path.join('.'));
  const member = memberSql(sql, env, scope, alias, [link.key, field.key]);
  const collate = /collate (".+?"|\S+)/.exec(ordered)?.[0] ?? '';
  return {
    sql: collate === '' ? member : `(${member} ${collate})`,
    type: field.kind.sortType(field),
    descending,
    nullable: true,
  };
}

function notSortable(scope: Scoped, key: string): Error {
  return invalid('query.not_sortable', `${scope.entity.titlePlural} cannot be sorted by "${key}".`, {
    params: { field: key },
  });
}

/** `a desc, b` for `order by`. */
export function orderBy(keys: readonly SortKey[]): string {
  return keys.map((key) => `${key.sql}${key.descending ? ' desc' : ''}`).join(', ');
}

/** Text array of the key values of a row, for its cursor. */
export function cursorValues(keys: readonly SortKey[]): string {
  return `array[${keys.map((key) => `(${key.sql})::text`).join(', ')}]`;
}

/** SQL that is true for rows after the one whose key values (null, or what is bound) are given, in the order of `orderBy`. */
export function afterCursor(sql: Sql, keys: readonly SortKey[], values: readonly unknown[]): string {
  const params = keys.map((key, i) => (values[i] === null ? null : sql.param(values[i], key.type)));
  const uniform = keys.every((key) => !key.nullable && key.descending === keys[0].descending);
  if (uniform)
    return `(${keys.map((key) => key.sql).join(', ')}) ${keys[0].descending ? '<' : '>'} (${params.join(', ')})`;
  const steps = keys.map((key, i) => {
    const same = keys
      .slice(0, i)
      .map((earlier, k) => (params[k] === null ? `${earlier.sql} is null` : `${earlier.sql} = ${params[k]}`));
    return [...same, beyond(key, params[i])].join(' and ');
  });
  const [first] = keys;
  // Lets an index start at the cursor instead of at the top.
  const bound =
    params[0] !== null && (first.descending || !first.nullable)
      ? `${first.sql} ${first.descending ? '<=' : '>='} ${params[0]} and `
      : '';
  return `${bound}(${steps.map((step) => `(${step})`).join(' or ')})`;
}

function beyond(key: SortKey, param: string | null): string {
  if (param === null) return key.descending ? `${key.sql} is not null` : 'false';
  if (key.descending) return `${key.sql} < ${param}`;
  return key.nullable ? `(${key.sql} > ${param} or ${key.sql} is null)` : `${key.sql} > ${param}`;
}
