import { isUuid } from '../base/ids.js';
import { invalid } from '../base/errors.js';
import { literal, Sql, titleSql, rowPredicate } from '../query/index.js';
import type { FieldModel } from '../schema/index.js';
import type { Ctx, Json, RecordData } from '../sdk/index.js';
import { stored } from './draft.js';
import { getRecord } from './read.js';
import { guardedRead, type RecordsDeps } from './transaction.js';
import { notFound } from './write.js';

interface HistoryRow {
  id: string;
  version: number;
  operation: string;
  at: string;
  actor: { id: string; title: string | null } | null;
  previous: Record<string, Json>;
}

interface Change {
  field: string;
  before: Json;
  after: Json;
}

type Entry = Omit<HistoryRow, 'previous'> & { readonly changes: readonly Change[] };

/** Entries folded for one answer; more than that of one record is paged from the newest on. */
const FOLD_AT_MOST = 2_000;

/**
 * Field history, newest first, of what the reader may see of the record today. What stood after a change is what stood
 * before the next newer one, so the fold starts at the present values.
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
  const { rows, fields } = await guardedRead(deps, ctx, (current, catalog) => {
    const env = deps.access.env(current, catalog);
    const scope = deps.access.read(current, catalog, input.entity);
    const sql = new Sql();
    const guard = env.guard(sql);
    const users = env.scopeOf('core.user');
    const actor = users
      ? `(select json_build_object('id', u.id, 'title', ${titleSql(users, 'u')}) from ${users.entity.table} u where u.id = h.actor and ${rowPredicate(sql, env, users, 'u')})`
      : 'null::json';
    const text = `select ${guard}, coalesce((select json_agg(row_to_json(e)) from (select h.id::text, h.version, h.operation, to_char(h.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, ${actor} as actor, h.previous from trellis.history h where h.entity = ${literal(scope.entity.uuid)}::uuid and h.record_id = ${sql.param(input.id, 'uuid')} order by h.at desc, h.id desc limit ${FOLD_AT_MOST}) e), '[]'::json) as rows`;
    return {
      text,
      values: sql.values,
      finish: (row) => ({ rows: row.rows as HistoryRow[], fields: readable(scope.entity.fields, scope.fields) }),
    };
  });
  const entries = await withoutHiddenTargets(deps, ctx, fields, fold(rows, present, fields));
  const from = input.after === undefined ? 0 : entries.findIndex((entry) => entry.id === input.after) + 1;
  const page = entries.slice(from, from + limit);
  const next = from + limit < entries.length ? page[page.length - 1].id : null;
  return { body: JSON.stringify({ data: page, page: { limit, next } }) };
}

function readable(
  all: ReadonlyMap<string, FieldModel>,
  allowed: ReadonlyMap<string, unknown>,
): Map<string, FieldModel> {
  return new Map([...all.values()].filter((field) => allowed.has(field.key)).map((field) => [field.uuid, field]));
}

function fold(rows: readonly HistoryRow[], present: RecordData, fields: ReadonlyMap<string, FieldModel>): Entry[] {
  const state = new Map<string, Json>();
  for (const [uuid, field] of fields)
    state.set(uuid, field.kind.relation === 'one' ? (present[field.key] ?? null) : stored(field, present[field.key]));
  return rows.map(({ previous, ...entry }) => {
    const changes = Object.entries(previous).flatMap(([uuid, before]): Change[] => {
      const field = fields.get(uuid);
      if (!field) return [];
      const after = state.get(uuid) ?? null;
      state.set(uuid, before);
      return [{ field: field.key, before, after }];
    });
    return { ...entry, changes };
  });
}

/** A link that once led to what the reader may not see leads nowhere, as in the record itself. */
async function withoutHiddenTargets(
  deps: RecordsDeps,
  ctx: Ctx,
  fields: ReadonlyMap<string, FieldModel>,
  entries: readonly Entry[],
): Promise<Entry[]> {
  const links = [...fields.values()].filter((field) => field.kind.relation === 'one');
  const targets = new Map(links.map((field) => [field.key, field.to[0]]));
  const visible = new Map<string, Set<string>>();
  for (const target of new Set(targets.values())) {
    const ids = entries
      .flatMap(({ changes }) => changes.filter(({ field }) => targets.get(field) === target))
      .flatMap(({ before, after }) => [before, after])
      .filter(isUuid);
    if (ids.length > 0) visible.set(target, await visibleIds(deps, ctx, target, ids));
  }
  const shown = (field: string, value: Json): Json => {
    const target = targets.get(field);
    return target !== undefined && isUuid(value) && !visible.get(target)?.has(value) ? null : value;
  };
  return entries.map((entry) => ({
    ...entry,
    changes: entry.changes.map(({ field, before, after }) => ({
      field,
      before: shown(field, before),
      after: shown(field, after),
    })),
  }));
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
        : `(select json_agg(t.id) from ${scope.entity.table} t where t.id in (select unnest(${sql.param([...new Set(ids)], 'uuid[]')})) and ${rowPredicate(sql, env, scope, 't')})`;
    return {
      text: `select ${guard}, ${seen} as ids`,
      values: sql.values,
      finish: (row) => new Set((row.ids as string[] | null) ?? []),
    };
  });
}
