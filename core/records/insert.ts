import type { Issue } from '../base/errors.js';
import {
  literal,
  planFields,
  quote,
  selectList,
  shownRow,
  Sql,
  visiblePredicate,
  visibleSource,
  type QueryEnv,
  type Scoped,
} from '../query/index.js';
import type { FieldModel } from '../schema/index.js';
import type { Ctx, RecordData, Statement } from '../sdk/index.js';
import { sequenceName } from '../storage/index.js';
import { authorOf } from './author.js';
import { stored, type Draft } from './draft.js';
import { guardParts } from './guarded.js';
import { splitOverflow } from './overflow.js';
import type { Write } from './prepare.js';
import { clashIssues } from './unique.js';

export interface Inserted {
  readonly id: string;
  readonly version: number;
  /** JSON text of the record as the actor reads it; absent in bulk. */
  readonly data?: string;
}

/** System columns that every insert sets itself. */
const ownColumns = new Set(['id', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy', 'version', 'deletedAt']);
/** Ids in one outbox row; a consumer never has to take a huge one. */
const IDS_PER_EVENT = 500;

/**
 * Inserts the drafts with outbox rows and the JSON of the answer as one statement. Targets of links are checked in it; a
 * draft with a missing target, or that clashes with a unique value, is not inserted and gets a finding.
 */
export async function insertDrafts(
  write: Write,
  drafts: readonly Draft[],
  withData: boolean,
): Promise<Map<string, Inserted>> {
  if (drafts.length === 0) return new Map();
  const { text, values } = compileInsert(write, drafts, { withData, isWhole: false });
  return settle(write, drafts, await write.ctx.tx.query<InsertedRow>(text, values));
}

/** One row for each draft that was inserted, and one for each whose link has no target: those keys are in `bad`. */
export interface InsertedRow extends Inserted {
  readonly bad?: string[] | null;
}

/** The statement of `insertDrafts`. Whole: it carries the guard in each row, has one row at least, and writes only where the guard holds. */
export function compileInsert(
  write: Write<Ctx>,
  drafts: readonly Draft[],
  options: { withData: boolean; isWhole: boolean },
): Statement {
  const { ctx, entity } = write;
  const { withData, isWhole } = options;
  const env = write.deps.access.env(ctx, write.catalog);
  const sql = new Sql();
  const guard = isWhole ? guardParts(sql, write) : null;
  const fields = usedFields(write, drafts);
  const columns = fields.flatMap((field) => field.kind.columns(field).map((column) => ({ ...column, field })));
  const input = sql.param(JSON.stringify(drafts.map((draft) => encodeRow(fields, draft))), 'json');
  const shape = columns.map((column) => `${quote(column.name)} ${bareType(column.type)}`);
  const { names, values } = systemColumns(write, sql);
  const bad = badLinks(sql, env, fields, drafts);
  const conditions = [...(bad === null ? [] : ['i._bad is null']), ...(guard === null ? [] : [guard.holds])];
  const good = conditions.length === 0 ? 'input i' : `input i where ${conditions.join(' and ')}`;
  const withBad = bad === null ? '' : `, checked as (select i.*, ${bad} as _bad from input0 i)`;
  const source = `input${bad === null ? '' : '0'} as (select * from json_to_recordset(${input}) as i(${['id uuid', ...importedShape(write), ...shape].join(', ')}))${withBad.replace('checked', 'input')}`;
  const over = splitOverflow(entity, columns, { written: 'ins', input: 'input' });
  const target = [...names, ...over.own.map((column) => quote(column.name))].join(', ');
  const taken = [...values, ...over.own.map((column) => columnValue(write, column.field, column.name))].join(', ');
  const insert = `ins as (insert into ${entity.table} (${target}) select ${taken} from ${good} on conflict do nothing returning *)${over.ctes}`;
  // One row needs no grouping, and its plan is started up on every create.
  const ids =
    drafts.length === 1
      ? 'select jsonb_build_array(n.id) as ids from ins n'
      : `select jsonb_agg(e.id) as ids from (select n.id, (row_number() over () - 1) / ${IDS_PER_EVENT} as g from ins n) e group by e.g`;
  const event = `ob as (insert into trellis.outbox (topic, payload, author) select 'record.changed', jsonb_build_object('entity', ${literal(entity.id)}, 'operation', 'create', 'ids', x.ids), ${sql.param(authorOf(ctx), 'jsonb')} from (${ids}) x)`;
  // Who made a record stands in the record; that somebody acted as that user, in history alone.
  const history = ctx.actor.actedBy
    ? `, hist as (insert into trellis.history (entity, record_id, version, operation, at, actor, previous) select ${literal(entity.uuid)}::uuid, n.id, n.version, 'create', n.created_at, n.created_by, '{}' from ins n)`
    : '';
  const data = withData ? `, row_to_json(_r)::text as data` : '';
  const row = withData ? answerSql(sql, env, write.deps.access.read(ctx, write.catalog, entity.id)) : '';
  const refused = bad === null ? '' : `, b as (select i.id, i._bad as bad from input i where i._bad is not null)`;
  const badRows = bad === null ? '' : ` union all select b.id, 0, ${withData ? 'null, ' : ''}b.bad from b`;
  const rows = `select t.id, t.version${data}${bad === null ? '' : ', null::text[] as bad'} from ${over.source} t${row}${badRows}`;
  const body = `${source}, ${insert}, ${event}${history}${refused}`;
  return {
    text: guard === null ? `with ${body} ${rows}` : `with ${guard.cte}, ${body} ${guard.around(rows)}`,
    values: sql.values,
  };
}

async function settle(
  write: Write,
  drafts: readonly Draft[],
  rows: readonly InsertedRow[],
): Promise<Map<string, Inserted>> {
  const inserted = new Map<string, Inserted>();
  const bad = new Map<string, string[]>();
  for (const row of rows) {
    if (row.bad) bad.set(row.id, row.bad);
    else inserted.set(row.id, { id: row.id, version: row.version, data: row.data });
  }
  if (inserted.size === drafts.length) return inserted;
  const clashing = drafts.filter((draft) => !inserted.has(draft.id) && !bad.has(draft.id));
  for (const draft of drafts) for (const key of bad.get(draft.id) ?? []) draft.issues.push(missingTarget(write, key));
  await clashIssues(write, clashing);
  return inserted;
}

/** The finding for a link whose target does not exist, is deleted, or is hidden: the same for all three. */
export function missingTarget(write: Write, key: string): Issue {
  return {
    path: key,
    code: 'link.not_found',
    message: `${write.entity.fields.get(key)?.title ?? key}: there is no such record.`,
    params: { field: key },
  };
}

function usedFields(write: Write<Ctx>, drafts: readonly Draft[]): FieldModel[] {
  const used = new Set<string>();
  for (const draft of drafts) for (const key of Object.keys(draft.next)) used.add(key);
  return [...write.entity.fields.values()].filter(
    (field) =>
      !ownColumns.has(field.key) &&
      field.kind.columns(field).length > 0 &&
      (used.has(field.key) || field.kind.insertSql !== undefined),
  );
}

/** Column form of a draft for `json_to_recordset`. */
function encodeRow(fields: readonly FieldModel[], draft: Draft): Record<string, unknown> {
  const row: Record<string, unknown> = { id: draft.id };
  for (const field of fields) {
    const value = draft.next[field.key];
    if (value !== undefined) Object.assign(row, field.kind.encode(stored(field, value), field));
  }
  for (const key of ['createdAt', 'createdBy', 'updatedAt', 'updatedBy']) {
    const value = draft.next[key];
    if (value !== undefined && value !== null)
      row[`own_${key}`] = typeof value === 'object' ? (value as RecordData).id : value;
  }
  return row;
}

function importedShape(write: Write<Ctx>): string[] {
  return write.systemFields
    ? ['"own_createdAt" timestamptz', '"own_createdBy" uuid', '"own_updatedAt" timestamptz', '"own_updatedBy" uuid']
    : [];
}

/** What goes into a column: the input, or the next number of its sequence where there is none (imports keep theirs). */
function columnValue(write: Write<Ctx>, field: FieldModel, column: string): string {
  const given = `i.${quote(column)}`;
  return field.kind.insertSql
    ? `coalesce(${given}, ${field.kind.insertSql(field, sequenceName(write.entity, field))})`
    : given;
}

function systemColumns(write: Write<Ctx>, sql: Sql): { names: string[]; values: string[] } {
  const { ctx } = write;
  const actor = sql.param(actorId(write), 'uuid');
  const now = sql.param(ctx.now(), 'timestamptz');
  const given = (key: string, otherwise: string): string =>
    write.systemFields ? `coalesce(i."own_${key}", ${otherwise})` : otherwise;
  return {
    names: ['id', 'created_at', 'created_by', 'updated_at', 'updated_by', 'version'],
    values: [
      'i.id',
      given('createdAt', now),
      given('createdBy', actor),
      write.systemFields ? `coalesce(i."own_updatedAt", i."own_createdAt", ${now})` : now,
      given('updatedBy', actor),
      '1',
    ],
  };
}

/** The record as the actor reads it, as `_r` beside a row `t` that was just written. */
export function answerSql(sql: Sql, env: QueryEnv, scope: Scoped): string {
  const { join, alias } = shownRow(sql, env, scope, 't');
  return `${join} cross join lateral (select ${selectList(sql, env, planFields(env, scope, undefined), alias)}) _r`;
}

/** The user to whom a write is put down, null for the system on nobody's behalf. */
export function actorId(write: { readonly ctx: Ctx }): string | null {
  const { actor } = write.ctx;
  return actor.kind === 'user' ? actor.userId : actor.onBehalfOf;
}

/** SQL of the keys whose link points nowhere (over `i.`), null where none does; null: the fields have no such links. */
function badLinks(
  sql: Sql,
  env: QueryEnv,
  fields: readonly FieldModel[],
  drafts: readonly Pick<Draft, 'next'>[],
): string | null {
  const tests = fields.flatMap((field) => {
    if (field.kind.relation === 'any') return noAnyTarget(sql, env, field, drafts) ?? [];
    if (field.kind.relation !== 'one') return [];
    const column = `i.${quote(field.kind.columns(field)[0].name)}`;
    return `case when ${column} is not null and ${noTarget(sql, env, field, column)} then ${literal(field.key)} end`;
  });
  return tests.length === 0 ? null : `nullif(array_remove(array[${tests.join(', ')}], null), '{}')`;
}

/** SQL of the key of a link to one of several entities where its target is missing, deleted or hidden (over `i.`); null: no draft has one. */
export function noAnyTarget(
  sql: Sql,
  env: QueryEnv,
  field: FieldModel,
  drafts: readonly Pick<Draft, 'next'>[],
): string | null {
  const given = drafts.flatMap(({ next }) => {
    const link = next[field.key] as { entity: string } | null | undefined;
    return link ? [link.entity] : [];
  });
  if (given.length === 0) return null;
  const [entity, id] = field.kind.columns(field).map(({ name }) => `i.${quote(name)}`);
  const cases = [...new Set(given)]
    .filter((to) => env.scopeOf(to) !== null)
    .sort()
    .map((to) => `when ${literal(to)} then ${noTarget(sql, env, { ...field, to: [to] }, id)}`);
  const isBad = cases.length === 0 ? 'true' : `case ${entity} ${cases.join(' ')} else true end`;
  return `case when ${id} is not null and ${isBad} then ${literal(field.key)} end`;
}

/** SQL that is true where the target of a to-one link is missing, deleted or hidden. */
export function noTarget(sql: Sql, env: QueryEnv, field: Pick<FieldModel, 'to' | 'entity'>, column: string): string {
  const scope = env.scopeOf(field.to[0]);
  if (!scope) return 'true';
  const alias = sql.alias();
  const from = visibleSource(sql, env, scope);
  const predicate = visiblePredicate(sql, env, scope, alias);
  const exists = `exists (select 1 from ${from} ${alias} where ${alias}.id = ${column} and ${alias}.deleted_at is null${predicate === 'true' ? '' : ` and ${predicate}`})`;
  // Rows of one batch may point at each other.
  return field.to[0] === field.entity
    ? `(not ${exists} and not exists (select 1 from input0 o where o.id = ${column}))`
    : `not ${exists}`;
}

/** A type as `json_to_recordset` takes it: collation belongs to the column. */
function bareType(type: string): string {
  return type.replace(/\s+collate\s+("[^"]+"|\S+)/i, '').replace(/\s+not null.*$/i, '');
}
