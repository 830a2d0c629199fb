import { invalid } from '../base/errors.js';
import type { EntityModel } from '../schema/index.js';
import type { ReadQuery, Statement } from '../sdk/index.js';
import { decodeCursor, encodeCursor, shapeHash } from './cursor.js';
import { filterSql, rowPredicate, shownRow, visiblePredicate, visibleSource } from './member.js';
import { ownerPredicate } from './rows.js';
import { countOfParts, pageOfParts, partsApart } from './parts-page.js';
import { beginOne, beginPage, type HeadOfOne } from './head.js';
import { fieldsKey, keptNone, keptOr } from './kept.js';
import { searchSql } from './search.js';
import { planFields, selectList } from './select.js';
import { afterCursor, cursorValues, orderBy, planSort, type SortKey } from './sort.js';
import { quote, Sql } from './sql.js';
import type { PartRows, QueryEnv, Scoped } from './types.js';

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 500;

/** What `isCommonSearch` said of the text. */
export interface SearchHint {
  readonly isCommonSearch?: boolean;
}

/** One statement whose single row holds the answer as text; `finish` makes the body of the answer from it. */
export interface ReadStatement<T> extends Statement {
  finish(row: Record<string, unknown>): T;
}

type PageStatement = ReadStatement<{
  data: string;
  count: number;
  next: string | null;
  total?: number;
  limit: number;
}>;

const pages = keptNone<PageStatement>();

/** Stands in no row's text: PostgreSQL writes no line break after a comma. */
const betweenRows = ',\n';

/** `GET …/:id`: the record's JSON text and version in one statement; no row where it does not exist for the actor. */
export function compileGet(
  env: QueryEnv,
  scope: Scoped,
  input: { id: string; fields?: readonly string[]; deleted?: 'any' },
): ReadStatement<{ body: string; version: number } | null> {
  const head = beginOne(env, scope, input.fields);
  const { sql, texts } = head;
  const id = sql.param(input.id, 'uuid');
  const key = input.deleted ?? 'live';
  const text = texts.get(key) ?? getSql(head, id, input.deleted === 'any');
  texts.set(key, text);
  return {
    text,
    values: sql.values,
    finish: (row) => (row.data === null ? null : { body: row.data as string, version: Number(row.version) }),
  };
}

function getSql({ guard, select, from, predicate }: HeadOfOne, id: string, isAny: boolean): string {
  const conditions = [`t.id = ${id}`];
  if (!isAny) conditions.push('t.deleted_at is null');
  if (predicate !== 'true') conditions.push(predicate);
  return `select ${guard}, q.data, q.version from (select 1) one left join lateral (select row_to_json(_r)::text as data, t.version from ${from} t cross join lateral (select ${select}) _r where ${conditions.join(' and ')}) q on true`;
}

/** `GET …/:entity`: one page, its cursor and total in one statement. Throws query.bad_cursor where it is of another list. */
export function compileList(env: QueryEnv, scope: Scoped, query: ReadQuery & SearchHint): PageStatement {
  const limit = pageLimit(query.limit);
  const after = query.after === undefined ? null : decodeCursor(env.cursorKey, pageShape(scope, query), query.after);
  // Pages of one list differ in the values they go on from; where one is null, in their conditions too.
  const places = after?.map((value, at) => (value === null ? null : new CursorPlace(at))) ?? null;
  const { filter, q, isCommonSearch, sort, count, deleted } = query;
  const walk = places?.map((place) => place !== null) ?? null;
  const key = `${JSON.stringify([filter, q, isCommonSearch, sort, limit, count, deleted, walk])}${fieldsKey(query.fields)}`;
  const page = keptOr(pages, env, scope, key, (watched) => pageStatement(watched, scope, query, limit, places));
  if (after === null) return page;
  return { ...page, values: page.values.map((value) => (value instanceof CursorPlace ? after[value.at] : value)) };
}

/** Stands among a statement's values for one of the cursor's. */
class CursorPlace {
  constructor(readonly at: number) {}
}

function pageSort({ deleted, sort }: ReadQuery): readonly string[] | undefined {
  return deleted === 'only' && !sort?.length ? ['-deletedAt'] : sort;
}

function pageShape(scope: Scoped, query: ReadQuery): string {
  return shapeHash([
    scope.entity.id,
    pageSort(query) ?? scope.entity.defaultSort,
    query.filter ?? null,
    query.q ?? null,
    query.deleted ?? null,
  ]);
}

function pageStatement(
  env: QueryEnv,
  scope: Scoped,
  query: ReadQuery & SearchHint,
  limit: number,
  after: readonly (CursorPlace | null)[] | null,
): PageStatement {
  // By itself, so that a statement that is kept holds no request.
  const { cursorKey } = env;
  const { sql, guard, select } = beginPage(env, scope, query.fields);
  const sort = pageSort(query);
  const keys = planSort(sql, env, scope, sort, 't');
  const conditions = listConditions(sql, env, scope, query);
  const shape = pageShape(scope, query);
  const paged = after === null ? conditions : [...conditions, afterCursor(sql, keys, after)];
  const names = [
    ...(sort?.length ? sort : scope.entity.defaultSort).map((key) => key.replace(/^[-+]/, '')),
    'createdAt',
  ];
  const page = pageSql(sql, env, scope, apartOf(env, scope, query, names), paged, keys, limit + 1);
  const total =
    query.count && query.count !== 'none' ? `, ${totalSql(sql, env, scope, query, conditions)} as total` : '';
  // Of one more row than the page has: whether it is there tells of a next page, and the text is cut before it.
  const last = `to_json(${cursorValues(keys.map((key, i) => ({ ...key, sql: `(array_agg(p.k${i}))[${limit}]` })))})::text`;
  const keyColumns = keys.map((key, i) => `${key.sql} as k${i}`).join(', ');
  const text = `select ${guard}, coalesce(string_agg(p.j, '${betweenRows}'), '') as data, count(*) as rows, ${last} as last${total} from (select row_to_json(_r)::text as j, ${keyColumns} from ${page} t cross join lateral (select ${select}) _r) p`;
  return {
    text,
    values: sql.values,
    replan: sql.replan,
    finish: (row) => {
      const rows = Number(row.rows);
      const data = row.data as string;
      const next = rows > limit ? encodeCursor(cursorKey, shape, JSON.parse(row.last as string)) : null;
      return {
        data: next === null ? data : data.slice(0, data.lastIndexOf(betweenRows)),
        count: Math.min(rows, limit),
        next,
        limit,
        total: total === '' ? undefined : Number(row.total),
      };
    },
  };
}

/** Conditions of a list besides the row scope: live or deleted, filter, search. */
export function listConditions(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  query: Pick<ReadQuery, 'filter' | 'q' | 'deleted'> & SearchHint,
): string[] {
  const conditions = [query.deleted === 'only' ? 't.deleted_at is not null' : 't.deleted_at is null'];
  if (query.filter) conditions.push(filterSql(sql, env, scope, query.filter, 't'));
  if (query.q) conditions.push(searchSql(sql, scope, 't', query.q, query.isCommonSearch));
  return conditions;
}

/** A live, visible row of the scope by conditions: `select …` for bulk and rules. */
export function whereVisible(sql: Sql, env: QueryEnv, scope: Scoped, conditions: readonly string[]): string {
  const predicate = visiblePredicate(sql, env, scope, 't');
  return [...conditions, ...(predicate === 'true' ? [] : [predicate])].join(' and ');
}

/**
 * The page's rows in order. An actor with several principals walks the index of each and merges the tops:
 * a plain `owner_id in (…)` would sort all rows it may see.
 */
function pageSql(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  apart: readonly PartRows[],
  conditions: readonly string[],
  keys: readonly SortKey[],
  limit: number,
): string {
  const order = orderBy(keys);
  if (apart.length > 1) return pageOfParts(sql, env, scope, apart, { conditions, keys, limit });
  const [rows] = apart;
  if (rows?.by === 'owners' && rows.principals.length > 1) {
    const top = `select t.* from ${scope.entity.source} t where t.owner_id = o.id and ${conditions.join(' and ')} order by ${order} limit ${limit}`;
    return `(select t.* from unnest(${sql.param(rows.principals, 'uuid[]')}) as o(id) cross join lateral (${top}) t order by ${order} limit ${limit})`;
  }
  const from = visibleSource(sql, env, scope);
  return `(select t.* from ${from} t where ${whereVisible(sql, env, scope, conditions)} order by ${order} limit ${limit})`;
}

/** The ways to take by themselves. What a search finds by its index is looked at once instead, not once for each of them. */
function apartOf(
  env: QueryEnv,
  scope: Scoped,
  { filter, q, isCommonSearch }: Pick<ReadQuery, 'filter' | 'q'> & SearchHint,
  sorted: readonly string[],
): PartRows[] {
  const apart = partsApart(env, scope, filter || q ? null : sorted);
  return apart.length > 1 && q && !isCommonSearch ? [] : apart;
}

function totalSql(sql: Sql, env: QueryEnv, scope: Scoped, query: ReadQuery, conditions: readonly string[]): string {
  if (
    query.count === 'estimate' &&
    scope.rows.kind === 'all' &&
    !query.filter &&
    !query.q &&
    query.deleted !== 'only'
  ) {
    return `(select greatest(reltuples, 0)::bigint from pg_class where oid = ${sql.param(scope.entity.table, 'text')}::regclass)`;
  }
  const apart = apartOf(env, scope, query, []);
  if (apart.length > 1) return countOfParts(sql, env, scope, apart, conditions);
  const [rows] = apart;
  const owned = rows?.by === 'owners' ? ownerPredicate(sql, rows.principals, 't') : null;
  const from = visibleSource(sql, env, scope);
  return `(select count(*) from ${from} t where ${owned === null ? whereVisible(sql, env, scope, conditions) : [owned, ...conditions].join(' and ')})`;
}

/** Locked or plain rows by a unique column, with their data as the scope shows them and whether its row predicate holds; for callers that must tell a hidden row from none. */
export function compileRows(
  env: QueryEnv,
  scope: Scoped,
  input: { key: string; values: readonly string[]; type: string; lock: boolean; deleted: 'exclude' | 'any' | 'only' },
): Statement {
  const sql = new Sql();
  const live = { exclude: ' and t.deleted_at is null', only: ' and t.deleted_at is not null', any: '' }[input.deleted];
  const lock = input.lock && scope.entity.overflow.length === 0 ? ' for update' : '';
  const base = `select t.* from ${scope.entity.source} t where t.${quote(input.key)} in (select unnest(${sql.param(input.values, `${input.type}[]`)}))${live} order by t.id${lock}`;
  const shown = shownRow(sql, env, scope, 't');
  const text = `select t.id, t.version, t.deleted_at is not null as deleted, t.deletion_id, t.${quote(input.key)}::text as key, (${rowPredicate(sql, env, scope, 't')}) as visible, row_to_json(_r) as data from (${base}) t${shown.join} cross join lateral (select ${selectList(sql, env, planFields(env, scope, undefined, false), shown.alias)}) _r`;
  return { text, values: sql.values };
}

/**
 * Locks the rows of an entity by a unique column, in id order; null where the statement that reads them can lock them itself. A
 * record that stands in several tables is locked first, so that the read after it sees all of them as they are.
 */
export function compileLock(
  entity: EntityModel,
  input: { key: string; values: readonly string[]; type: string },
): Statement | null {
  if (entity.overflow.length === 0) return null;
  return {
    text: `select 1 from ${entity.table} t where t.${quote(input.key)} in (select unnest($1::${input.type}[])) order by t.id for update`,
    values: [input.values],
  };
}

/** Visible live rows that match, for bulk writes; ids only, in id order. */
export function compileIds(
  env: QueryEnv,
  scope: Scoped,
  query: Pick<ReadQuery, 'filter' | 'q' | 'deleted'>,
  after: string | null,
  limit: number,
): Statement {
  const sql = new Sql();
  const conditions = listConditions(sql, env, scope, query);
  if (after !== null) conditions.push(`t.id > ${sql.param(after, 'uuid')}`);
  return {
    text: `select t.id from ${visibleSource(sql, env, scope)} t where ${whereVisible(sql, env, scope, conditions)} order by t.id limit ${limit}`,
    values: sql.values,
    replan: sql.replan,
  };
}

function pageLimit(limit: number | undefined): number {
  if (limit === undefined) return LIMIT_DEFAULT;
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw invalid('query.bad_limit', `"limit" must be a whole number from 1 to ${LIMIT_MAX}.`, { params: { limit } });
  return limit;
}
