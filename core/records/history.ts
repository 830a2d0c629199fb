import { isUuid } from '../base/ids.js';
import { invalid } from '../base/errors.js';
import {
  literal,
  quote,
  shownKeysSql,
  Sql,
  titleSql,
  veiledKeys,
  visiblePredicate,
  visibleSource,
} from '../query/index.js';
import type { FieldModel, OptionModel } from '../schema/index.js';
import type { Ctx, Json, RecordData } from '../sdk/index.js';
import { stored } from './draft.js';
import { getRecord } from './read.js';
import { guardedRead, type RecordsDeps } from './transaction.js';
import { notFound } from './lock.js';

interface HistoryRow {
  id: string;
  version: number;
  operation: string;
  at: string;
  actor: { id: string; title: string | null } | null;
  /** The administrator who acted as that user; absent: nobody did. */
  actedBy?: { id: string; title: string | null } | null;
  previous: Record<string, Json>;
}

interface Change {
  field: string;
  /** Of a field that is no more: what it was called, and what its values were, so that they can be shown. */
  title?: string;
  retired?: true;
  kind?: string;
  to?: readonly string[];
  options?: readonly OptionModel[];
  before: Json;
  after: Json;
}

type Entry = Omit<HistoryRow, 'previous'> & { readonly changes: readonly Change[] };

/** Entries folded for one answer; more than that of one record is paged from the newest on. */
const FOLD_AT_MOST = 2_000;

/**
 * Field history, newest first, of what the reader may see of the record today, and of retired fields what it could see of
 * them last. What stood after a change is what stood before the next newer one, so the fold starts at the present values.
 */
export async function historyText(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; id: string; limit?: number; after?: string },
): Promise<{ body: string }> {
  if (!isUuid(input.id)) throw notFound(input.entity, input.id);
  const limit = input.limit ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw invalid('query.bad_limit', '"limit" must be a whole number from 1 to 500.');
  const present = await getRecord(deps, ctx, { entity: input.entity, id: input.id, deleted: 'any' });
  const { rows, fields, kept } = await guardedRead(deps, ctx, (current, catalog) => {
    const env = deps.access.env(current, catalog);
    const scope = deps.access.read(current, catalog, input.entity);
    const sql = new Sql();
    const guard = env.guard(sql);
    const users = env.scopeOf('core.user');
    const person = (id: string): string =>
      users
        ? `(select json_build_object('id', u.id, 'title', ${titleSql(users, 'u')}) from ${visibleSource(sql, env, users)} u where u.id = ${id} and ${visiblePredicate(sql, env, users, 'u')})`
        : 'null::json';
    // That somebody acted as the user is told also where the reader may not see who.
    const acting = `case when h.acted_by is not null then coalesce(${person('h.acted_by')}, json_build_object('id', null, 'title', null)) end`;
    const text = `select ${guard}, coalesce((select json_agg(row_to_json(e)) from (select h.id::text, h.version, h.operation, to_char(h.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, ${person('h.actor')} as actor, ${acting} as "actedBy", h.previous from trellis.history h where h.entity = ${literal(scope.entity.uuid)}::uuid and h.record_id = ${sql.param(input.id, 'uuid')} order by h.at desc, h.id desc limit ${FOLD_AT_MOST}) e), '[]'::json) as rows`;
    const live = readable(scope.entity.fields, scope.fields);
    // Of what this row shows only a mask, or nothing, its past is not told either.
    const keys = shownKeysSql(sql, env, scope, 't');
    const shown =
      keys === null
        ? ''
        : `, (select ${keys} from ${scope.entity.source} t where t.id = ${sql.param(input.id, 'uuid')}) as shown`;
    const retired = [...live.values()].filter((field) => field.retired);
    const gone = [...retired, ...deps.access.retired(current, catalog, input.entity)];
    const values = gone.map((field) => `${keptSql(field)} as ${quote(field.uuid)}`).join(', ');
    const kept =
      gone.length === 0
        ? ''
        : `, (select row_to_json(k) from (select ${values} from ${scope.entity.source} t where t.id = ${sql.param(input.id, 'uuid')}) k) as kept`;
    return {
      text: text + kept + shown,
      values: sql.values,
      finish: (row) => ({
        rows: row.rows as HistoryRow[],
        fields: new Map([
          ...[...live].filter(
            ([, { key }]) => !veiledKeys(scope).includes(key) || (row.shown as string[] | null)?.includes(key),
          ),
          ...gone.map((field) => [field.uuid, field] as const),
        ]),
        kept: (row.kept ?? {}) as Record<string, Json>,
      }),
    };
  });
  const entries = await withoutHiddenTargets(deps, ctx, fields, fold(rows, { ...present, ...kept }, fields));
  const from = input.after === undefined ? 0 : entries.findIndex((entry) => entry.id === input.after) + 1;
  // Else whoever follows a broken cursor would read the first page for ever.
  if (input.after !== undefined && from === 0)
    throw invalid('query.bad_cursor', 'The cursor is not one of this list.', { hint: 'Begin again without "after".' });
  const page = entries.slice(from, from + limit);
  const next = from + limit < entries.length ? page[page.length - 1].id : null;
  return { body: JSON.stringify({ data: page, page: { limit, next } }) };
}

/** By their ids; the currency of a rollup has that of the rollup, and no history. */
function readable(
  all: ReadonlyMap<string, FieldModel>,
  allowed: ReadonlyMap<string, unknown>,
): Map<string, FieldModel> {
  return new Map(
    [...all.values()]
      .filter((field) => allowed.has(field.key) && !field.rollup?.isCurrency)
      .map((field) => [field.uuid, field]),
  );
}

/** The stored value of a field that records no longer show. */
function keptSql(field: FieldModel): string {
  const columns = field.kind.columns(field).map((column) => `t.${quote(column.name)}`);
  if (field.kind.relation === 'any')
    return `case when ${columns[1]} is not null then json_build_object('entity', ${columns[0]}, 'id', ${columns[1]}) end`;
  if (field.kind.relation === 'many') return 'null::json';
  return field.kind.relation === 'one' ? columns[0] : field.kind.select(field, 't');
}

/** `present` holds live values by key, and those of retired fields by uuid. */
function fold(rows: readonly HistoryRow[], present: RecordData, fields: ReadonlyMap<string, FieldModel>): Entry[] {
  const state = new Map<string, Json>();
  for (const [uuid, field] of fields) {
    const value = present[field.retired ? uuid : field.key];
    state.set(uuid, field.kind.relation === 'one' ? (value ?? null) : stored(field, value));
  }
  return rows.map(({ previous, actedBy, ...said }) => {
    const entry = actedBy ? { ...said, actedBy } : said;
    const changes = Object.entries(previous).flatMap(([uuid, before]): Change[] => {
      const field = fields.get(uuid);
      if (!field) return [];
      const after = state.get(uuid) ?? null;
      state.set(uuid, before);
      return [{ field: field.key, ...(field.retired ? lastOf(field, [before, after]) : {}), before, after }];
    });
    return { ...entry, changes };
  });
}

function lastOf(field: FieldModel, values: readonly Json[]): Partial<Change> {
  const held = new Set(values.flat());
  const options = field.options.filter(({ value }) => held.has(value));
  return {
    title: field.title,
    retired: true,
    kind: field.kind.id,
    ...(field.to.length > 0 ? { to: field.to } : {}),
    ...(options.length > 0 ? { options } : {}),
  };
}

/** A link that once led to what the reader may not see leads nowhere, as in the record itself. */
async function withoutHiddenTargets(
  deps: RecordsDeps,
  ctx: Ctx,
  fields: ReadonlyMap<string, FieldModel>,
  entries: readonly Entry[],
): Promise<Entry[]> {
  const byKey = new Map([...fields.values()].map((field) => [field.key, field]));
  const wanted = new Map<string, Set<string>>();
  for (const { field, before, after } of entries.flatMap(({ changes }) => changes)) {
    for (const value of [before, after]) {
      const target = targetOf(byKey.get(field), value);
      if (target) wanted.set(target.entity, (wanted.get(target.entity) ?? new Set()).add(target.id));
    }
  }
  const visible = new Map<string, Set<string>>();
  for (const [entity, ids] of wanted) visible.set(entity, await visibleIds(deps, ctx, entity, [...ids]));
  const shown = (field: string, value: Json): Json => {
    const target = targetOf(byKey.get(field), value);
    return target && !visible.get(target.entity)?.has(target.id) ? null : value;
  };
  return entries.map((entry) => ({
    ...entry,
    changes: entry.changes.map((change) => ({
      ...change,
      before: shown(change.field, change.before),
      after: shown(change.field, change.after),
    })),
  }));
}

/** Where the value of a link leads; null for what is no link or leads nowhere. */
function targetOf(field: FieldModel | undefined, value: Json): { entity: string; id: string } | null {
  if (field?.kind.relation === 'one') return isUuid(value) ? { entity: field.to[0], id: value } : null;
  if (field?.kind.relation !== 'any' || typeof value !== 'object' || value === null || Array.isArray(value))
    return null;
  return isUuid(value.id) ? { entity: String(value.entity), id: value.id } : null;
}

/** Those of the ids that the actor may see, deleted ones included. */
function visibleIds(deps: RecordsDeps, ctx: Ctx, target: string, ids: readonly string[]): Promise<Set<string>> {
  return guardedRead(deps, ctx, (current, catalog) => {
    const env = deps.access.env(current, catalog);
    const scope = env.scopeOf(target);
    const sql = new Sql();
    const guard = env.guard(sql);
    const seen =
      scope === null
        ? 'null::json'
        : `(select json_agg(t.id) from ${visibleSource(sql, env, scope)} t where t.id in (select unnest(${sql.param([...new Set(ids)], 'uuid[]')})) and ${visiblePredicate(sql, env, scope, 't')})`;
    return {
      text: `select ${guard}, ${seen} as ids`,
      values: sql.values,
      finish: (row) => new Set((row.ids as string[] | null) ?? []),
    };
  });
}
