import { invalid, missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import {
  fieldJson,
  literal,
  planFields,
  quote,
  rowPredicate,
  shownKeysSql,
  selectList,
  Sql,
  veiledKeys,
  type FieldPlan,
  type QueryEnv,
  type Scoped,
} from '../query/index.js';
import type { FieldModel } from '../schema/index.js';
import type { Ctx, Json, RecordData } from '../sdk/index.js';
import { stored } from './draft.js';
import { notFound } from './lock.js';
import { pastTitlesSql, withPastTitles } from './past-titles.js';
import { coerceEnv } from './prepare.js';
import { noteRead, sensitiveUse } from './sensitive.js';
import { guardedRead, type RecordsDeps } from './transaction.js';

export interface AsOfInput {
  readonly entity: string;
  readonly id: string;
  /** What happened at this very instant counts as done. */
  readonly asOf: Date;
  readonly fields?: string[];
}

/**
 * One record as it was: the present one with its history folded back. Shown are fields that the reader may see of it today, to-one
 * links with the titles that their targets had then. What history does not keep (to-many links, lines, rollups, formulas over them
 * or over links) is left out and named in `omitted`, and in `reasons` why. Throws record.not_found as reading does, record.not_then where it did not exist or was deleted then.
 */
export async function asOfText(deps: RecordsDeps, ctx: Ctx, input: AsOfInput): Promise<{ body: string }> {
  if (!isUuid(input.id)) throw notFound(input.entity, input.id);
  const found = await guardedRead(deps, ctx, (current, catalog) =>
    compilePast(deps.access.env(current, catalog), deps.access.read(current, catalog, input.entity), input),
  );
  if (!found) throw notFound(input.entity, input.id);
  if (!existed(found, input.asOf))
    throw missing('record.not_then', 'The record did not exist at that time.', {
      params: { entity: input.entity, id: input.id, asOf: input.asOf.toISOString() },
      hint: 'Its history tells when it was created, deleted and restored.',
    });
  let seen: readonly string[] = [];
  const answer = await guardedRead(deps, ctx, (current, catalog) => {
    const env = deps.access.env(current, catalog);
    const scope = deps.access.read(current, catalog, input.entity);
    seen = sensitiveUse(env, scope, { fields: input.fields });
    const { shown, omitted } = split(env, scope, input.fields);
    const sql = new Sql();
    const guard = env.guard(sql);
    const fields = columnFields(scope);
    const shape = fields
      .flatMap((field) => field.kind.columns(field))
      .map(({ name, type }) => `${quote(name)} ${type}`)
      .join(', ');
    const links = shown.map(({ field }) => field);
    const titles = pastTitlesSql(env, links, () => sql.param(input.asOf, 'timestamptz'));
    const row = sql.param(JSON.stringify([rowOf(ctx, fields, pastValues(scope, input, found))]), 'json');
    return {
      text: `select ${guard}, q.* from json_to_recordset(${row}) as t(${shape}) cross join lateral (select ${selectList(sql, env, shown, 't')}) _r cross join lateral (select row_to_json(_r) as data, ${titles} as titles) q`,
      values: sql.values,
      finish: ({ data, titles: changed }) => ({
        body: JSON.stringify({
          data: withPastTitles(data as RecordData, changed as Record<string, Json>),
          asOf: input.asOf.toISOString(),
          omitted: [...omitted.keys()],
          reasons: Object.fromEntries(omitted),
        }),
      }),
    };
  });
  await noteRead(deps.reads, ctx, { how: 'asOf', entity: input.entity, fields: seen, ids: [input.id] });
  return answer;
}

/** What is known of a record and its past. */
interface Past {
  /** Values of today by field key. */
  readonly present: RecordData;
  /** Of the fields that not every row shows the keys that this one does; absent: there are no such fields. */
  readonly shown?: readonly string[];
  /** Values that stood before the first later change, by field uuid. */
  readonly previous: Record<string, Json>;
  readonly createdAt: string;
  readonly deletedAt: string | null;
  /** The first deletion or restoration after the instant. */
  readonly next: 'delete' | 'restore' | null;
  /** The last change until the instant; null: the creation. */
  readonly last: { readonly version: number; readonly at: string; readonly actor: string | null } | null;
}

function compilePast(env: QueryEnv, scope: Scoped, input: AsOfInput) {
  const sql = new Sql();
  const guard = env.guard(sql);
  const id = sql.param(input.id, 'uuid');
  const at = sql.param(input.asOf, 'timestamptz');
  const instant = (of: string): string => `to_char(${of} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const history = `trellis.history h where h.entity = ${literal(scope.entity.uuid)}::uuid and h.record_id = ${id}`;
  // Hidden ones too: what is computed for everybody reads them. What is shown is chosen later.
  const values = columnFields(scope).map((field) => `${presentSql(sql, env, field)} as ${quote(field.key)}`);
  const keys = shownKeysSql(sql, env, scope, 't');
  const parts = [
    ...(keys === null ? [] : [`${keys} as shown`]),
    `(select row_to_json(_r) from (select ${values.join(', ')}) _r) as present`,
    `(select coalesce(json_object_agg(p.key, p.value), '{}') from (select distinct on (c.key) c.key, c.value from ${history.replace(' where ', ' cross join lateral jsonb_each(h.previous) c where ')} and h.at > ${at} order by c.key, h.at, h.id) p) as previous`,
    `${instant('t.created_at')} as "createdAt"`,
    `${instant('t.deleted_at')} as "deletedAt"`,
    `(select h.operation from ${history} and h.at > ${at} and h.operation in ('delete', 'restore') order by h.at, h.id limit 1) as next`,
    `(select json_build_object('version', h.version, 'at', ${instant('h.at')}, 'actor', h.actor) from ${history} and h.at <= ${at} and h.operation <> 'reveal' order by h.at desc, h.id desc limit 1) as last`,
  ];
  return {
    text: `select ${guard}, (select row_to_json(q) from (select ${parts.join(', ')} from ${scope.entity.source} t where t.id = ${id} and ${rowPredicate(sql, env, scope, 't')}) q) as past`,
    values: sql.values,
    finish: (row: Record<string, unknown>) => row.past as Past | null,
  };
}

/** A value of today as history would keep it: links by id, even where the target is gone. */
function presentSql(sql: Sql, env: QueryEnv, field: FieldModel): string {
  const columns = field.kind.columns(field).map((column) => `t.${quote(column.name)}`);
  if (field.kind.relation === 'one') return columns[0];
  if (field.kind.relation === 'any')
    return `case when ${columns[1]} is not null then json_build_object('entity', ${columns[0]}, 'id', ${columns[1]}) end`;
  return fieldJson(sql, env, field, 't');
}

function existed({ createdAt, deletedAt, next }: Past, asOf: Date): boolean {
  if (new Date(createdAt) > asOf) return false;
  return next === null ? deletedAt === null : next === 'delete';
}

/** Fields with a column that history follows, and those of the system. */
function columnFields(scope: Scoped): FieldModel[] {
  return [...scope.entity.fields.values()].filter(
    (field) => !field.retired && !field.rollup && field.kind.columns(field).length > 0,
  );
}

function split(
  env: QueryEnv,
  scope: Scoped,
  fields: readonly string[] | undefined,
): { shown: FieldPlan[]; omitted: ReadonlyMap<string, Unknown> } {
  const plan = planFields(env, scope, fields);
  const kept = new Set(columnFields(scope));
  const omitted = new Map(
    plan.flatMap(({ field }): [string, Unknown][] => {
      const reason = kept.has(field) ? null : whyUnknown(field);
      return reason === null ? [] : [[field.key, reason]];
    }),
  );
  const [first] = omitted;
  if (fields !== undefined && first)
    throw invalid('query.as_of_field', `History does not keep "${first[0]}", so its earlier value is not known.`, {
      params: { field: first[0], reason: first[1] },
    });
  return { shown: plan.filter(({ field }) => !omitted.has(field.key)), omitted };
}

/** Why a field cannot be told of an earlier instant. */
type Unknown = 'links' | 'lines' | 'rollup' | 'formula';

/** Null: it can be computed anew, of the record's own values. */
function whyUnknown({ formula, rollup, lines }: FieldModel): Unknown | null {
  if (formula) return formula.followsLinks || formula.readsChildren ? 'formula' : null;
  if (rollup) return 'rollup';
  return lines ? 'lines' : 'links';
}

/** The values that stood then, by field key. */
function pastValues(scope: Scoped, input: AsOfInput, past: Past): RecordData {
  const values: RecordData = {};
  for (const field of columnFields(scope)) {
    if (veiledKeys(scope).includes(field.key) && !past.shown?.includes(field.key)) {
      values[field.key] = null;
      continue;
    }
    const isChanged = Object.hasOwn(past.previous, field.uuid);
    values[field.key] = isChanged ? past.previous[field.uuid] : (past.present[field.key] ?? null);
  }
  return {
    ...values,
    id: input.id,
    version: past.last?.version ?? 1,
    updatedAt: past.last?.at ?? past.createdAt,
    updatedBy: past.last ? past.last.actor : (values.createdBy ?? null),
    deletedAt: null,
  };
}

/** Values as columns. What a field held before it became of another kind is none of its values now. */
function rowOf(ctx: Ctx, fields: readonly FieldModel[], values: RecordData): Record<string, unknown> {
  const env = coerceEnv(ctx);
  const row: Record<string, unknown> = {};
  for (const field of fields) {
    const value = stored(field, values[field.key]);
    const [{ name }] = field.kind.columns(field);
    if (field.kind.sealed) row[name] = value === null ? null : 'set';
    else if (value === null || field.system) Object.assign(row, field.kind.encode(value, field));
    else {
      const checked = field.kind.normalize(value, field, env);
      Object.assign(row, field.kind.encode(checked.ok ? checked.value : null, field));
    }
  }
  return row;
}
