import { invalid } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import {
  checkExpression,
  compileSql,
  inlineParam,
  type CheckedExpression,
  type ExprScope,
  type SqlEnv,
} from '../expression/index.js';
import {
  currencyBeside,
  fieldExprType,
  joinTableName,
  valueSqlOf,
  type EntityModel,
  type FieldModel,
  type FormulaModel,
  type RollupModel,
  type ValueSql,
} from '../schema/index.js';
import { makeRowSql } from './rows.js';
import { searchCondition } from './search.js';
import { literal, quote, type Sql } from './sql.js';
import { totalSql } from './total.js';
import type { QueryEnv, Scoped } from './types.js';
import { isMasked, isVeiled, makeVisible } from './visible.js';

const rowSql = makeRowSql(sqlEnv);
/** Which rows are in a scope: see `RowSql`. */
export const { rowPredicate, anyOf, limitsSql, partSql } = rowSql;
/** How they are shown: see `Visible`. */
export const { visibleSource, visiblePredicate, shownRow, shownKeysSql } = makeVisible(rowSql);

/** The readable field of a key; `query.unknown_field` with a suggestion, the same for a hidden and for no such field. */
export function readableField(scope: Scoped, key: string, what: string): FieldModel {
  const field = scope.fields.has(key) ? scope.entity.fields.get(key) : undefined;
  if (field && !field.retired) {
    if (what !== 'fields' && isMasked(scope, key)) throw maskedField(field, what);
    return field;
  }
  throw invalid(
    'query.unknown_field',
    `${scope.entity.title} has no field "${key}".${didYouMean(key, scope.fields.keys())}`,
    {
      params: { field: key, in: what },
      issues: [{ path: what, code: 'query.unknown_field', message: `Unknown field "${key}".`, params: { field: key } }],
    },
  );
}

/** Of what is masked nothing can be asked: each answer would tell some of it. */
function maskedField(field: FieldModel, what: string): Error {
  const message = `"${field.key}" is shown to you masked, so that records cannot be searched, filtered, sorted or grouped by it.`;
  const params = { field: field.key, in: what };
  return invalid('query.masked_field', message, {
    params,
    issues: [{ path: what, code: 'query.masked_field', message, params }],
  });
}

/** Names that an expression over the scope may use: readable fields only, through links too. */
export function expressionScope(env: QueryEnv, entity: string): ExprScope {
  return {
    entity,
    members: (id) => {
      const scope = env.scopeOf(id);
      const model = scope?.entity ?? env.schema.entities.get(id);
      if (!model) return null;
      return new Map(
        [...model.fields.values()]
          .filter((field) => !field.retired && (scope?.fields.has(field.key) ?? field.key === 'id'))
          .map((field) => [field.key, fieldExprType(field)]),
      );
    },
  };
}

/** Checked filters of a scope; a page, its next page and its count ask for the same one. */
const checkedFilters = new WeakMap<Scoped, Map<string, CheckedExpression>>();
const FILTERS_KEPT = 200;

/** Checks a filter and returns its SQL over `alias.`, two-valued. */
export function filterSql(sql: Sql, env: QueryEnv, scope: Scoped, source: string, alias: string): string {
  const known = checkedFilters.get(scope) ?? new Map<string, CheckedExpression>();
  checkedFilters.set(scope, known);
  let checked = known.get(source);
  if (!checked) {
    checked = checkExpression(source, expressionScope(env, scope.entity.id), { t: 'boolean' });
    if (known.size >= FILTERS_KEPT) known.clear();
    known.set(source, checked);
  }
  return compileFilter(sql, env, scope, checked, alias);
}

/** SQL of an already checked condition over `alias.`. */
export function compileFilter(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  checked: CheckedExpression,
  alias: string,
): string {
  return compileSql(checked, sqlEnv(sql, env, scope, alias), { position: 'filter' });
}

/**
 * What `compileSql` needs to turn field paths of a scope into SQL. `fields`: for a computed value, which may be made of masks. The
 * moment and the reader are asked for only where the expression needs them: who makes the statement may watch.
 */
export function sqlEnv(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  alias: string,
  what?: 'fields',
  param: SqlEnv['param'] = (value, type) => sql.param(value, type),
): SqlEnv {
  return {
    get now() {
      return env.now;
    },
    get zone() {
      return env.zone;
    },
    get me() {
      return env.me;
    },
    param,
    member: (path) => memberSql(sql, env, scope, alias, path, what),
    recordEquals: (path, id) => recordEqualsSql(sql, env, scope, alias, path, id),
    containsHint: (path, text) => {
      const field = path.length === 1 ? scope.entity.fields.get(path[0]) : undefined;
      return field?.searchable ? searchCondition(sql, scope.entity, alias, text) : null;
    },
  };
}

/** SQL of a path of field names; a link is its target's id, null where the target is deleted or hidden. */
export function memberSql(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  alias: string,
  path: readonly string[],
  what: string = 'expression',
): string {
  const field = readableField(scope, path[0], what);
  const rest = path.slice(1);
  const { relation } = field.kind;
  if (field.lines) return lineIdsSql(sql, env, field, alias);
  if (relation === undefined) return valueSql(sql, env, field, alias, rest);
  if (relation === 'many') return manyIdsSql(sql, env, field, alias);
  if (relation === 'any') return anyMember(sql, env, field, alias, rest, what);
  return targetSql(sql, env, field.to[0], `${alias}.${quote(field.kind.columns(field)[0].name)}`, rest, what);
}

/** `link == 'id'` such that an index on the link serves it and a deleted or hidden target still reads as null. */
function recordEqualsSql(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  alias: string,
  path: readonly string[],
  id: () => string,
): string | null {
  const field = path.length === 1 ? scope.entity.fields.get(path[0]) : undefined;
  if (field?.key === 'id') return `${alias}.id = ${id()}`;
  if (field?.kind.relation !== 'one') return null;
  const column = `${alias}.${quote(field.kind.columns(field)[0].name)}`;
  return `(${column} = ${id()} and ${targetSql(sql, env, field.to[0], column, [])} is not null)`;
}

function targetSql(
  sql: Sql,
  env: QueryEnv,
  target: string,
  idSql: string,
  rest: readonly string[],
  what?: string,
): string {
  const scope = env.scopeOf(target);
  if (!scope || scope.rows.kind === 'none') return rest.length === 0 || rest[0] === 'id' ? 'null::uuid' : 'null';
  const alias = sql.alias();
  const inner = rest.length === 0 ? `${alias}.id` : memberSql(sql, env, scope, alias, rest, what);
  return `(select ${inner} from ${visibleSource(sql, env, scope)} ${alias} where ${alias}.id = ${idSql}${liveAndVisible(sql, env, scope, alias)})`;
}

function anyMember(
  sql: Sql,
  env: QueryEnv,
  field: FieldModel,
  alias: string,
  rest: readonly string[],
  what?: string,
): string {
  const [entityColumn, idColumn] = field.kind.columns(field).map((column) => `${alias}.${quote(column.name)}`);
  if (rest[0] === 'entity') return entityColumn;
  const cases = anyTargets(env, field)
    .map((target) => `when ${literal(target.id)} then ${targetSql(sql, env, target.id, idColumn, rest, what)}`)
    .join(' ');
  return cases === '' ? 'null::uuid' : `(case ${entityColumn} ${cases} end)`;
}

/** Entities that an anyLink may point to and the actor may read. */
export function anyTargets(env: QueryEnv, field: FieldModel): EntityModel[] {
  const all = field.to.includes('*')
    ? [...env.schema.entities.values()].filter((entity) => !entity.hidden)
    : field.to.map((id) => env.schema.entities.get(id));
  return all.filter(
    (entity): entity is EntityModel => entity !== undefined && (env.scopeOf(entity.id)?.rows.kind ?? 'none') !== 'none',
  );
}

function manyIdsSql(sql: Sql, env: QueryEnv, field: FieldModel, alias: string): string {
  const scope = env.scopeOf(field.to[0]);
  if (!scope || scope.rows.kind === 'none') return `'{}'::text[]`;
  const [x, j] = [sql.alias(), sql.alias()];
  return `array(select ${x}.id::text from ${pairsSource(env, field)} ${j} join ${visibleSource(sql, env, scope)} ${x} on ${x}.id = ${j}.target_id where ${j}.source_id = ${alias}.id${liveAndVisible(sql, env, scope, x)})`;
}

/** ` and x.deleted_at is null and <row predicate>`, over an alias of `visibleSource`. */
export function liveAndVisible(sql: Sql, env: QueryEnv, scope: Scoped, alias: string): string {
  const predicate = visiblePredicate(sql, env, scope, alias);
  return ` and ${alias}.deleted_at is null${predicate === 'true' ? '' : ` and ${predicate}`}`;
}

/** Qualified join table of a to-many link. */
export function joinTable(field: FieldModel): string {
  return `data.${quote(joinTableName(field.entity, field.key))}`;
}

/** Where the pairs of a to-many link are read. */
export function pairsSource(env: QueryEnv, field: FieldModel): string {
  return env.past?.pairsOf(field) ?? joinTable(field);
}

/** Ids of the lines that the reader sees, as texts. */
function lineIdsSql(sql: Sql, env: QueryEnv, field: FieldModel, alias: string): string {
  const { x, from } = linesFrom(sql, env, field, alias) ?? {};
  return x === undefined ? `'{}'::text[]` : `array(select ${x}.id::text from ${from})`;
}

/** The lines of `alias.` that the reader sees: `from … where …` over a fresh alias; null where it sees none. */
export function linesFrom(
  sql: Sql,
  env: QueryEnv,
  field: FieldModel,
  alias: string,
): { x: string; scope: Scoped; from: string } | null {
  const scope = field.lines ? env.scopeOf(field.lines.entity) : null;
  const link = field.lines && scope?.entity.fields.get(field.lines.link);
  if (!scope || !link || scope.rows.kind === 'none') return null;
  const x = sql.alias();
  const column = `${x}.${quote(link.kind.columns(link)[0].name)}`;
  return {
    x,
    scope,
    from: `${visibleSource(sql, env, scope)} ${x} where ${column} = ${alias}.id${liveAndVisible(sql, env, scope, x)}`,
  };
}

/**
 * The value of a field over `alias.`, as expressions see it: its column, or what a formula, or a rollup over visible rows,
 * computes. `member`: the path inside an object value. Links are not its business.
 */
export function valueSql(
  sql: Sql,
  env: QueryEnv,
  field: FieldModel,
  alias: string,
  member: readonly string[] = [],
): string {
  if (field.formula) return formulaSql(sql, env, field, field.formula, alias);
  if (field.rollup && !isWholeFor(env, field.rollup)) {
    const reader = field.rollup.systemComputed ? env.asSystem : env;
    return visibleRollupSql(sql, reader, field.rollup, alias);
  }
  return field.kind.exprSql(field, alias, member);
}

/** The API form of a field's value for `row_to_json`. */
export function shownSql(sql: Sql, env: QueryEnv, field: FieldModel, alias: string): string {
  return computedShow(env, field)?.show(valueSql(sql, env, field, alias)) ?? field.kind.select(field, alias);
}

/** What a field is sorted by, or null where it cannot be. */
export function sortedSql(sql: Sql, env: QueryEnv, field: FieldModel, alias: string): string | null {
  const computed = computedShow(env, field);
  return computed
    ? computed.sort(valueSql(sql, env, field, alias), env.collation)
    : field.kind.sortSql(field, alias, env.collation);
}

/** How a value that this reader finds in no column is shown over its SQL; null: it stands in a column. */
export function computedShow(env: QueryEnv, { formula, rollup }: FieldModel): ValueSql | null {
  if (formula) return valueSqlOf(formula.returns);
  if (!rollup || isWholeFor(env, rollup)) return null;
  return valueSqlOf(rollup.returns);
}

/** True where a rollup's kept value is what the reader would compute itself: no row is hidden, of the rollups that it reads neither. */
function isWholeFor(env: QueryEnv, rollup: RollupModel): boolean {
  if (env.past) return false;
  if (rollup.systemComputed) return true;
  const child = env.scopeOf(rollup.entity);
  if (child?.rows.kind !== 'all') return false;
  if (isVeiled(child, rollup.link)) return false;
  if (rollup.reads.some(({ entity, field }) => entity === child.entity.id && isVeiled(child, field))) return false;
  return rollup.reads.every(({ entity, field }) => {
    const inner = env.schema.entities.get(entity)?.fields.get(field)?.rollup;
    return inner === undefined || isWholeFor(env, inner);
  });
}

function formulaSql(sql: Sql, env: QueryEnv, field: FieldModel, formula: FormulaModel, alias: string): string {
  const { expression, systemComputed, isPure, returns } = formula;
  const reader = systemComputed ? env.asSystem : env;
  const scope = reader.scopeOf(field.entity);
  if (!scope || expression.type.t === 'null') return `null::${valueSqlOf(returns).type}`;
  // The same text each time, so that an index over the expression serves and the statement stays one.
  return `(${compileSql(expression, sqlEnv(sql, reader, scope, alias, 'fields', isPure ? inlineParam : undefined))})`;
}

/** A rollup over the rows that the reader sees. */
function visibleRollupSql(sql: Sql, env: QueryEnv, rollup: RollupModel, alias: string): string {
  const child = env.scopeOf(rollup.entity);
  const link = child?.entity.fields.get(rollup.link);
  if (!child || !link) return `null::${valueSqlOf(rollup.returns).type}`;
  const x = sql.alias();
  const source = rollup.field === undefined ? undefined : child.entity.fields.get(rollup.field);
  const beside = source && rollup.money ? currencyBeside(env.schema, source) : null;
  const total = totalSql(rollup, {
    value: () => (source ? valueSql(sql, env, source, x) : '*'),
    currency: beside ? valueSql(sql, env, beside, x) : null,
    isTotal: source?.rollup !== undefined,
  });
  const conditions = [`${x}.${quote(link.kind.columns(link)[0].name)} = ${alias}.id`];
  if (rollup.condition) {
    const inner = sqlEnv(sql, env, child, x, 'fields', inlineParam);
    conditions.push(compileSql(rollup.condition, inner, { position: 'filter' }));
  }
  return `(select ${total} from ${visibleSource(sql, env, child)} ${x} where ${conditions.join(' and ')}${liveAndVisible(sql, env, child, x)})`;
}
