import { invalid } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { AggregateQuery } from '../sdk/index.js';
import { amountCurrency, mixedCurrencies, type EntityModel, type FieldModel } from '../schema/index.js';
import { computedShow, memberSql, readableField, valueSql, visibleSource } from './member.js';
import { listConditions, whereVisible, type ReadStatement } from './read.js';
import { fieldJson } from './select.js';
import { literal, quote, Sql } from './sql.js';
import type { QueryEnv, Scoped } from './types.js';

const GROUPS_MAX = 4;
const MEASURES_MAX = 12;
const ROWS_DEFAULT = 1_000;
const ROWS_MAX = 50_000;
/** Sums with more digits than a JSON number keeps exactly go out as text. */
const EXACT_LIMIT = '1e15';

interface Group {
  readonly name: string;
  /** Columns of the inner select; the group's expression(s). */
  readonly inner: readonly { sql: string; as: string }[];
  /** JSON of the group over alias `g`. */
  readonly outer: string;
}

/**
 * Groups and measures in one statement. A row is `{ <group field>: value, <fn>[_<field>]: number }`; a link groups as
 * `{id,title}`, a bucket as the first day of its period in the workspace's zone. One row more than asked tells truncation.
 * Throws query.unknown_field, query.not_groupable, query.not_aggregatable, query.mixed_currencies, query.same_name.
 */
export function compileAggregate(env: QueryEnv, scope: Scoped, query: AggregateQuery): ReadStatement<{ body: string }> {
  check(query);
  const sql = new Sql();
  const guard = env.guard(sql);
  const groups = query.groupBy.map((group) => groupOf(sql, env, scope, group));
  const measures = query.measures.map((measure) => measureOf(sql, env, scope, measure));
  mustDiffer([...groups, ...measures.map(({ as }) => ({ name: as }))]);
  const currencies = measures
    .filter((measure) => measure.currency !== null)
    .map((measure, i) => ({ sql: currenciesSql(query, measure.currency as Currency), as: `c${i}` }));
  const where = whereVisible(sql, env, scope, listConditions(sql, env, scope, query));
  const from = visibleSource(sql, env, scope);
  const limit = rowLimit(query.limit);
  const inner = [
    ...groups.flatMap((group) => group.inner),
    ...measures.map(({ sql: expression, as }) => ({ sql: expression, as })),
    ...currencies,
  ];
  const columns = inner.map(({ sql: expression, as }) => `${expression} as ${quote(as)}`).join(', ');
  const groupColumns = groups.flatMap((group) => group.inner).map(({ sql: expression }) => expression);
  const grouped = `select ${columns} from ${from} t where ${where}${groupColumns.length === 0 ? '' : ` group by ${groupColumns.join(', ')}`} order by ${orderSql(query, groups, measures)} limit ${limit + 1}`;
  const outer = [
    ...groups.map((group) => `${group.outer} as ${quote(group.name)}`),
    ...measures.map((measure) => `${measure.outer} as ${quote(measure.as)}`),
  ].join(', ');
  const mixed = currencies.length === 0 ? '0' : `max(greatest(${currencies.map(({ as }) => `a.g_${as}`).join(', ')}))`;
  const passed = currencies.map(({ as }) => `, g.${quote(as)} as g_${as}`).join('');
  const text = `select ${guard}, coalesce(string_agg(a.j, ',') filter (where a.n <= ${limit}), '') as data, count(*) > ${limit} as more, ${mixed} as currencies from (select row_number() over () as n, row_to_json(_r)::text as j${passed} from (${grouped}) g cross join lateral (select ${outer}) _r) a`;
  return {
    text,
    values: sql.values,
    replan: sql.replan,
    finish: (row) => {
      if (Number(row.currencies) > 1) {
        throw invalid('query.mixed_currencies', 'The amounts are in several currencies and cannot be added up.', {
          hint: 'Group by the currency, or filter on one.',
        });
      }
      return { body: `{"data":[${row.data as string}],"page":{"limit":${limit},"truncated":${String(row.more)}}}` };
    },
  };
}

/** Each part of the answer needs a name of its own: a field grouped by twice, or one called as a measure is, would hide the other. */
function mustDiffer(parts: readonly { readonly name: string }[]): void {
  const names = parts.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw invalid('query.same_name', `Two parts of the answer would be called "${twice}".`, {
      params: { field: twice },
      hint: 'Ask for one of them in a request of its own.',
    });
}

function check(query: AggregateQuery): void {
  if (query.measures.length === 0 || query.measures.length > MEASURES_MAX)
    throw invalid('query.bad_measures', `An aggregate needs one to ${MEASURES_MAX} measures.`);
  if (query.groupBy.length > GROUPS_MAX) throw invalid('query.too_many_groups', `At most ${GROUPS_MAX} groups.`);
}

function groupOf(sql: Sql, env: QueryEnv, scope: Scoped, group: AggregateQuery['groupBy'][number]): Group {
  const field = readableField(scope, group.field, 'groupBy');
  const expression = field.kind.groupSql(field, 't');
  if (group.bucket !== undefined) return bucketOf(sql, env, field, group.bucket);
  if (expression === null && field.kind.relation !== 'one')
    throw invalid('query.not_groupable', `${scope.entity.titlePlural} cannot be grouped by "${field.key}".`, {
      params: { field: field.key },
    });
  const computed = computedShow(env, field);
  if (computed) {
    const as = `group_${field.key}`;
    return {
      name: field.key,
      inner: [{ sql: valueSql(sql, env, field, 't'), as }],
      outer: computed.show(`g.${quote(as)}`),
    };
  }
  const inner = field.kind.columns(field).map((column) => ({ sql: `t.${quote(column.name)}`, as: column.name }));
  if (hidesTargets(env, field)) inner[0].sql = memberSql(sql, env, scope, 't', [field.key]);
  return { name: field.key, inner, outer: fieldJson(sql, env, field, 'g') };
}

/** Where some targets of a link are hidden, it counts as null: else groups and counts would tell them apart. */
function hidesTargets(env: QueryEnv, field: FieldModel): boolean {
  return field.kind.relation === 'one' && env.scopeOf(field.to[0])?.rows.kind !== 'all';
}

const buckets = ['day', 'week', 'month', 'quarter', 'year'];

function bucketOf(sql: Sql, env: QueryEnv, field: FieldModel, bucket: string): Group {
  if (!buckets.includes(bucket))
    throw invalid('query.bad_bucket', `Unknown bucket "${bucket}".${didYouMean(bucket, buckets)}`, {
      params: { bucket },
    });
  const type = field.kind.exprType(field).t;
  if (type !== 'date' && type !== 'dateTime')
    throw invalid('query.not_groupable', `"${field.key}" is no date, so it has no ${bucket}.`, {
      params: { field: field.key },
    });
  const column = valueSql(sql, env, field, 't');
  const local = type === 'date' ? `${column}::timestamp` : `(${column} at time zone ${literal(env.zone)})`;
  const as = `bucket_${field.key}`;
  return { name: field.key, inner: [{ sql: `date_trunc('${bucket}', ${local})::date`, as }], outer: `g.${quote(as)}` };
}

interface Measure {
  readonly as: string;
  readonly sql: string;
  readonly outer: string;
  /** That of a row's amount; null: what is measured is none. */
  readonly currency: Currency | null;
}

interface Currency {
  readonly key: string;
  readonly sql: string;
}

function measureOf(
  sql: Sql,
  env: QueryEnv,
  scope: Scoped,
  { fn, field: key }: AggregateQuery['measures'][number],
): Measure {
  if (fn === 'count' && key === undefined) return { as: 'count', sql: 'count(*)', outer: 'g."count"', currency: null };
  if (key === undefined) throw invalid('query.bad_measures', `"${fn}" needs a field.`, { params: { fn } });
  const field = readableField(scope, key, 'measures');
  const offered = field.kind.aggregates(field).filter((each) => !compares(each) || showsCurrency(scope, field));
  if (!offered.includes(fn)) {
    throw invalid(
      'query.not_aggregatable',
      `"${fn}" of "${key}" is not possible.${offered.length > 0 ? ` Possible: ${offered.join(', ')}.` : ''}`,
      { params: { fn, field: key } },
    );
  }
  const as = `${fn}_${key}`;
  const value =
    field.kind.relation === undefined
      ? valueSql(sql, env, field, 't')
      : hidesTargets(env, field)
        ? memberSql(sql, env, scope, 't', [field.key])
        : `t.${quote(field.kind.columns(field)[0].name)}`;
  const expression = fn === 'countDistinct' ? `count(distinct ${value})` : `${fn}(${value})`;
  const numeric = fn === 'sum' || fn === 'avg';
  const name = `g.${quote(as)}`;
  const outer = numeric
    ? `(case when abs(${name}) >= ${EXACT_LIMIT} then to_json(${name}::text) else to_json(${fn === 'avg' ? `round(${name}, 6)` : name}) end)`
    : name;
  return { as, sql: expression, outer, currency: compares(fn) ? currencyOf(sql, env, scope.entity, field) : null };
}

function compares(fn: string): boolean {
  return fn === 'sum' || fn === 'avg' || fn === 'min' || fn === 'max';
}

/** Whether amounts are all in one currency tells of their currencies: who may not read those adds nothing up. */
function showsCurrency({ entity, fields }: Scoped, field: FieldModel): boolean {
  const currency = amountCurrency(field) ?? '';
  const level = fields.get(currency);
  return !entity.fields.has(currency) || level === 'read' || level === 'edit';
}

/** The currency that an amount is in, null where it has none or none is kept. */
function currencyOf(sql: Sql, env: QueryEnv, entity: EntityModel, field: FieldModel): Currency | null {
  const currency = entity.fields.get(amountCurrency(field) ?? '');
  return currency ? { key: currency.key, sql: valueSql(sql, env, currency, 't') } : null;
}

/** How many currencies the amounts are in; one total that is of several itself counts as two, but where a group says so. */
function currenciesSql({ groupBy }: AggregateQuery, { key, sql }: Currency): string {
  const count = `count(distinct ${sql})`;
  if (groupBy.some(({ field }) => field === key)) return count;
  return `${count} + count(*) filter (where ${sql} = ${literal(mixedCurrencies)})`;
}

function orderSql(query: AggregateQuery, groups: readonly Group[], measures: readonly Measure[]): string {
  const byName = new Map<string, string>();
  for (const group of groups) byName.set(group.name, group.inner.map(({ sql }) => sql).join(', '));
  for (const measure of measures) byName.set(measure.as, measure.sql);
  const wanted = query.sort?.length ? query.sort : groups.map((group) => group.name);
  const keys = wanted.map((key) => {
    const name = key.replace(/^[-+]/, '');
    const expression = byName.get(name);
    if (expression === undefined)
      throw invalid(
        'query.unknown_field',
        `The answer has no "${name}" to sort by.${didYouMean(name, byName.keys())}`,
        { params: { field: name } },
      );
    return `${expression}${key.startsWith('-') ? ' desc nulls last' : ''}`;
  });
  return keys.length === 0 ? '1' : keys.join(', ');
}

function rowLimit(limit: number | undefined): number {
  if (limit === undefined) return ROWS_DEFAULT;
  if (!Number.isInteger(limit) || limit < 1 || limit > ROWS_MAX)
    throw invalid('query.bad_limit', `"limit" must be a whole number from 1 to ${ROWS_MAX}.`, { params: { limit } });
  return limit;
}
