import { invalid } from '../base/errors.js';
import { linesAtMost, type FieldModel } from '../schema/index.js';
import { anyTargets, joinTable, linesFrom, liveAndVisible, readableField, shownSql, visibleSource } from './member.js';
import { literal, quote, type Sql } from './sql.js';
import type { QueryEnv, Scoped } from './types.js';

/** Which fields to show: own keys, and for each link the further fields of its target. */
export interface FieldPlan {
  readonly field: FieldModel;
  /** Fields of a to-one link's target besides id and title; of lines the fields shown, none: all. */
  readonly nested: readonly string[];
}

/** Resolves `fields=id,name,company.name`; absent: all readable fields, lines only `withLines`. Throws query.unknown_field. */
export function planFields(
  env: QueryEnv,
  scope: Scoped,
  fields: readonly string[] | undefined,
  withLines = true,
): FieldPlan[] {
  if (fields === undefined) {
    return [...scope.entity.fields.values()]
      .filter((field) => scope.fields.has(field.key) && !field.retired && (withLines || !field.lines))
      .map((field) => ({ field, nested: [] }));
  }
  const nested = new Map<string, string[]>([['id', []]]);
  for (const path of fields) {
    const [key, child, ...rest] = path.split('.');
    if (rest.length > 0)
      throw invalid('query.path_too_deep', `"${path}": fields may follow one link.`, { params: { field: path } });
    const list = nested.get(key) ?? [];
    nested.set(key, child === undefined || list.includes(child) ? list : [...list, child]);
  }
  return [...nested].map(([key, children]) => {
    const field = readableField(scope, key, 'fields');
    if (children.length > 0) checkNested(env, field, children);
    return { field, nested: children };
  });
}

function checkNested(env: QueryEnv, field: FieldModel, children: readonly string[]): void {
  const lines = field.lines && env.scopeOf(field.lines.entity);
  if (field.lines) {
    if (lines) for (const child of children) readableField(lines, child, 'fields');
    return;
  }
  if (field.kind.relation !== 'one')
    throw invalid(
      'query.not_a_link',
      `"${field.key}" is not a link to one record, so "${field.key}.${children[0]}" names nothing.`,
      { params: { field: field.key } },
    );
  const target = env.scopeOf(field.to[0]);
  if (target) for (const child of children) readableField(target, child, 'fields');
}

/** `t.id as "id", …`: the select list that `row_to_json` turns into the API form. */
export function selectList(sql: Sql, env: QueryEnv, plan: readonly FieldPlan[], alias: string): string {
  return plan
    .map(({ field, nested }) => `${fieldJson(sql, env, field, alias, nested)} as ${quote(field.key)}`)
    .join(', ');
}

/** SQL of one field in API form. */
export function fieldJson(
  sql: Sql,
  env: QueryEnv,
  field: FieldModel,
  alias: string,
  nested: readonly string[] = [],
): string {
  const { relation } = field.kind;
  if (field.lines) return linesJson(sql, env, field, alias, nested);
  if (relation === undefined) return shownSql(sql, env, field, alias);
  if (relation === 'many') return manyJson(sql, env, field, alias);
  const columns = field.kind.columns(field).map((column) => `${alias}.${quote(column.name)}`);
  if (relation === 'one')
    return targetJson(sql, env, field.to[0], columns[0], [...(field.kind.linkFields ?? []), ...nested], false);
  const cases = anyTargets(env, field).map(
    (target) => `when ${literal(target.id)} then ${targetJson(sql, env, target.id, columns[1], [], true)}`,
  );
  return cases.length === 0 ? 'null::json' : `(case ${columns[0]} ${cases.join(' ')} end)`;
}

/** `{id,title,…}` of a link's target, null where it is deleted or hidden. */
function targetJson(
  sql: Sql,
  env: QueryEnv,
  target: string,
  idSql: string,
  extra: readonly string[],
  withEntity: boolean,
): string {
  const scope = env.scopeOf(target);
  if (!scope || scope.rows.kind === 'none') return 'null::json';
  const alias = sql.alias();
  const parts = [`${alias}.id`, `${titleSql(scope, alias)} as title`];
  if (withEntity) parts.unshift(`${literal(target)}::text as entity`);
  for (const key of extra) {
    const field = readableField(scope, key, 'fields');
    if (key !== 'id' && key !== 'title') parts.push(`${fieldJson(sql, env, field, alias)} as ${quote(key)}`);
  }
  const row = sql.alias();
  return `(select row_to_json(${row}) from (select ${parts.join(', ')} from ${visibleSource(sql, env, scope)} ${alias} where ${alias}.id = ${idSql}${liveAndVisible(sql, env, scope, alias)}) ${row})`;
}

function manyJson(sql: Sql, env: QueryEnv, field: FieldModel, alias: string): string {
  const scope = env.scopeOf(field.to[0]);
  if (!scope || scope.rows.kind === 'none') return `'[]'::json`;
  const [x, j] = [sql.alias(), sql.alias()];
  return `(select coalesce(json_agg(json_build_object('id', ${x}.id, 'title', ${titleSql(scope, x)}, 'label', nullif(${j}.label, '')) order by ${j}.created_at, ${x}.id), '[]'::json) from ${joinTable(field)} ${j} join ${visibleSource(sql, env, scope)} ${x} on ${x}.id = ${j}.target_id where ${j}.source_id = ${alias}.id${liveAndVisible(sql, env, scope, x)})`;
}

/** The lines of a record in their order: id, version and own fields of each, without the link back. */
function linesJson(sql: Sql, env: QueryEnv, field: FieldModel, alias: string, nested: readonly string[]): string {
  const found = linesFrom(sql, env, field, alias);
  if (!found || !field.lines) return `'[]'::json`;
  const { x, scope, from } = found;
  const { link, position } = field.lines;
  const plan =
    nested.length > 0
      ? planFields(env, scope, nested)
      : planFields(env, scope, undefined, false).filter(
          ({ field: own }) => own.key !== link && (!own.system || own.key === 'id' || own.key === 'version'),
        );
  const ordered = scope.entity.fields.get(position ?? '');
  const keys = ordered ? [`${quote(ordered.kind.columns(ordered)[0].name)}`, 'created_at', 'id'] : ['created_at', 'id'];
  const order = (of: string): string => keys.map((key) => `${of}.${key}`).join(', ');
  const rows = `(select ${x}.* from ${from} order by ${order(x)} limit ${linesAtMost})`;
  const row = sql.alias();
  return `(select coalesce(json_agg(row_to_json(${row}) order by ${order(x)}), '[]'::json) from ${rows} ${x} cross join lateral (select ${selectList(sql, env, plan, x)}) ${row})`;
}

/** SQL text of a record's title, null where its title field is hidden. */
export function titleSql(scope: Scoped, alias: string): string {
  const field = scope.entity.fields.get(scope.entity.titleField);
  return field && scope.fields.has(field.key) ? field.kind.select(field, alias) : 'null::text';
}
