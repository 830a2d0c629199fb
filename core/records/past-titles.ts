import { anyTargets, literal, quote, type QueryEnv } from '../query/index.js';
import type { FieldModel } from '../schema/index.js';
import type { Json, RecordData } from '../sdk/index.js';

/**
 * SQL (JSON, over `t.`) of what the targets of to-one links were called at an instant, by field: `[title]` where a title was
 * changed since, null where it is that of today. Only a title that a column holds has a history. Who sees no title today is shown
 * none either: see `withPastTitles`. `at`: SQL of the instant, asked for where it is used.
 */
export function pastTitlesSql(env: QueryEnv, fields: readonly FieldModel[], at: () => string): string {
  const titles = fields.flatMap((field) => {
    const sql = pastTitleSql(env, field, at);
    return sql === null ? [] : [`${sql} as ${quote(field.key)}`];
  });
  return titles.length === 0 ? `'{}'::json` : `(select row_to_json(_p) from (select ${titles.join(', ')}) _p)`;
}

function pastTitleSql(env: QueryEnv, field: FieldModel, at: () => string): string | null {
  const columns = field.kind.columns(field).map(({ name }) => `t.${quote(name)}`);
  if (field.kind.relation === 'one') return changedTitleSql(env, field.to[0], columns[0], at);
  if (field.kind.relation !== 'any') return null;
  const cases = anyTargets(env, field).flatMap(({ id }) => {
    const sql = changedTitleSql(env, id, columns[1], at);
    return sql === null ? [] : [`when ${literal(id)} then ${sql}`];
  });
  return cases.length === 0 ? null : `(case ${columns[0]} ${cases.join(' ')} end)`;
}

function changedTitleSql(env: QueryEnv, target: string, id: string, at: () => string): string | null {
  const scope = env.scopeOf(target);
  const title = scope?.entity.fields.get(scope.entity.titleField);
  if (!scope || !title || title.formula || title.kind.columns(title).length === 0) return null;
  const [entity, key] = [`${literal(scope.entity.uuid)}::uuid`, literal(title.uuid)];
  return `(select json_build_array(h.previous -> ${key}) from trellis.history h where h.record_id = ${id} and h.entity = ${entity} and h.at > ${at()} and h.previous ? ${key} order by h.at, h.id limit 1)`;
}

/** The record with the titles of then; a link that shows no title today shows none. */
export function withPastTitles(record: RecordData, titles: Readonly<Record<string, Json>>): RecordData {
  const next = { ...record };
  for (const [key, changed] of Object.entries(titles)) {
    const link = record[key];
    if (!Array.isArray(changed) || typeof link !== 'object' || link === null || Array.isArray(link)) continue;
    if (link.title !== null && link.title !== undefined) next[key] = { ...link, title: changed[0] };
  }
  return next;
}
