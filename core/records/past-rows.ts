import {
  fieldJson,
  joinTable,
  literal,
  quote,
  rowPredicate,
  shownKeysSql,
  Sql,
  veiledKeys,
  type QueryEnv,
} from '../query/index.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import type { Json, RecordData } from '../sdk/index.js';
import { columnFields } from './past-fields.js';
import type { TxCtx } from './transaction.js';

/** A record and what stood in it at an instant. */
export interface PastRow {
  readonly id: string;
  /** Stored values of then, by field key. */
  readonly values: RecordData;
  /** The reader may see the record, as it is today. */
  readonly isSeen: boolean;
  /** Keys of fields that the reader sees in other records, but not, or masked only, in this one. */
  readonly hidden: readonly string[];
  /** Made until then. One that was made later may be linked already: imports set when a record was made. */
  readonly isMade: boolean;
  /** In the recycle bin then. */
  readonly isDeleted: boolean;
}

/** Which records of an entity: by id, and those that pointed at parents by a link. */
export interface Asked {
  readonly entity: EntityModel;
  readonly ids: readonly string[];
  readonly children: readonly { readonly link: FieldModel; readonly parents: readonly string[] }[];
  readonly limit: number;
}

/** One pair of a to-many link, as it stood then. */
export interface PastPair {
  readonly source_id: string;
  readonly target_id: string;
  readonly label: string;
  readonly created_at: string | null;
}

/**
 * Records as they were, with one statement: today's rows, folded back by what their history kept of later changes. `hasMore`: more
 * than `limit` come into question. Records that were purged since are gone.
 */
export async function readPast(
  ctx: TxCtx,
  env: QueryEnv,
  asked: Asked,
  asOf: Date,
): Promise<{ rows: PastRow[]; hasMore: boolean }> {
  const { entity } = asked;
  const sql = new Sql();
  const at = sql.param(asOf, 'timestamptz');
  const ofEntity = `h.entity = ${literal(entity.uuid)}::uuid`;
  const later = `trellis.history h where h.record_id = t.id and ${ofEntity} and h.at > ${at}`;
  // Hidden fields too: what is computed for everybody reads them. What is shown is chosen later.
  const values = columnFields(entity).map((field) => `${presentSql(sql, env, field)} as ${quote(field.key)}`);
  const scope = env.scopeOf(entity.id);
  const wanted = [
    `t.id in (select unnest(${sql.param(asked.ids, 'uuid[]')}))`,
    ...asked.children.map(({ link, parents }) => {
      const column = quote(link.kind.columns(link)[0].name);
      const ids = sql.param(parents, 'uuid[]');
      const left = `trellis.left_links(h.previous)`;
      return `t.id in (select c.id from ${entity.table} c where c.${column} in (select unnest(${ids})) and c.created_at <= ${at} union select h.record_id from trellis.history h where ${ofEntity} and h.at > ${at} and ${left} <> '[]'::jsonb and ${left} ?| ${ids}::text[] and h.previous ->> ${literal(link.uuid)} in (select unnest(${ids}::text[])))`;
    }),
  ];
  const shown = scope === null ? null : shownKeysSql(sql, env, scope, 't');
  const veiled = scope === null ? [] : veiledKeys(scope);
  const parts = [
    ...(shown === null ? [] : [`${shown} as shown`]),
    `(select row_to_json(_r) from (select ${values.join(', ')}) _r) as present`,
    `(select coalesce(json_object_agg(p.key, p.value), '{}') from (select distinct on (c.key) c.key, c.value from ${later.replace(' where ', ' cross join lateral jsonb_each(h.previous) c where ')} order by c.key, h.at, h.id) p) as previous`,
    `t.created_at <= ${at} as "isMade"`,
    `t.deleted_at is not null as "isInBin"`,
    `(select h.operation from ${later} and h.operation in ('delete', 'restore') order by h.at, h.id limit 1) as next`,
    `(select json_build_object('version', h.version, 'updatedAt', ${instant('h.at')}, 'updatedBy', h.actor) from ${later.replace('h.at >', 'h.at <=')} and h.operation <> 'reveal' order by h.at desc, h.id desc limit 1) as last`,
    `(${scope === null ? 'false' : rowPredicate(sql, env, scope, 't')}) as "isSeen"`,
  ];
  const found = await ctx.tx.query<Found>(
    `select t.id, ${parts.join(', ')} from ${entity.source} t where ${wanted.join(' or ')} order by t.id limit ${asked.limit + 1}`,
    sql.values,
  );
  const rows = found.slice(0, asked.limit).map((row): PastRow => ({
    id: row.id,
    values: pastValues(entity, row),
    isSeen: row.isSeen,
    hidden: veiled.filter((key) => !row.shown?.includes(key)),
    isMade: row.isMade,
    isDeleted: row.next === null ? row.isInBin : row.next === 'restore',
  }));
  return { rows, hasMore: found.length > asked.limit };
}

interface Found {
  readonly id: string;
  /** Values of today by field key. */
  readonly present: RecordData;
  /** Values that stood before the first later change, by field uuid. */
  readonly previous: Record<string, Json>;
  readonly isMade: boolean;
  readonly isInBin: boolean;
  /** The first deletion or restoration after the instant. */
  readonly next: 'delete' | 'restore' | null;
  /** The last change until the instant; null: the creation. */
  readonly last: RecordData | null;
  readonly isSeen: boolean;
  readonly shown?: readonly string[];
}

/** The pairs of a to-many link of some records, as they stood: today's, with what was added since taken away and the other way round. */
export async function readPastPairs(
  ctx: TxCtx,
  field: FieldModel,
  entity: EntityModel,
  sources: readonly string[],
  asOf: Date,
): Promise<PastPair[]> {
  const [row] = await ctx.tx.query<{ pairs: PastPair[]; deltas: { source_id: string; delta: Json }[] }>(
    `select (select coalesce(json_agg(json_build_object('source_id', j.source_id, 'target_id', j.target_id, 'label', coalesce(j.label, ''), 'created_at', ${instant('j.created_at')})), '[]') from ${joinTable(field)} j where j.source_id in (select unnest($1::uuid[]))) as pairs, (select coalesce(json_agg(json_build_object('source_id', h.record_id, 'delta', h.previous -> $2) order by h.at desc, h.id desc), '[]') from trellis.history h where h.record_id in (select unnest($1::uuid[])) and h.entity = $3::uuid and h.at > $4 and h.previous ? $2) as deltas`,
    [sources, field.uuid, entity.uuid, asOf],
  );
  const pairs = new Map(row.pairs.map((pair) => [keyOf(pair), pair]));
  for (const { source_id, delta } of row.deltas) {
    const { added, removed } = linksDelta(delta);
    for (const each of added) pairs.delete(keyOf({ source_id, target_id: each.id, label: each.label ?? '' }));
    for (const each of removed) {
      const pair = { source_id, target_id: each.id, label: each.label ?? '', created_at: each.at ?? null };
      pairs.set(keyOf(pair), pair);
    }
  }
  return [...pairs.values()];
}

/** What one change did to a to-many link, as history keeps it; `at`: when the pair had been made. */
export interface LinksDelta {
  readonly added: readonly LinkedTarget[];
  readonly removed: readonly LinkedTarget[];
}

interface LinkedTarget {
  readonly id: string;
  readonly label: string | null;
  readonly at?: string;
}

/** The change that an entry of history keeps of a to-many link; none where the field was of another kind then. */
export function linksDelta(previous: Json): LinksDelta {
  const isDelta = typeof previous === 'object' && previous !== null && !Array.isArray(previous);
  const { added, removed } = isDelta ? (previous as Partial<Record<keyof LinksDelta, unknown>>) : {};
  if (!Array.isArray(added) || !Array.isArray(removed)) return { added: [], removed: [] };
  return { added: added as LinkedTarget[], removed: removed as LinkedTarget[] };
}

/** Since when history keeps to-many links of this database. */
export async function linksKnownSince(ctx: TxCtx): Promise<Date> {
  const [row] = await ctx.tx.query<{ at: Date }>(
    `select m.applied_at as at from trellis.migration m where m.id = '0015-links-history'`,
  );
  return new Date(row.at);
}

/** A value of today as history would keep it: links by id, even where the target is gone. */
function presentSql(sql: Sql, env: QueryEnv, field: FieldModel): string {
  const columns = field.kind.columns(field).map((column) => `t.${quote(column.name)}`);
  if (field.kind.relation === 'one') return columns[0];
  if (field.kind.relation === 'any')
    return `case when ${columns[1]} is not null then json_build_object('entity', ${columns[0]}, 'id', ${columns[1]}) end`;
  return fieldJson(sql, env, field, 't');
}

function pastValues(entity: EntityModel, { id, present, previous, last }: Found): RecordData {
  const values: RecordData = {};
  for (const field of columnFields(entity)) {
    const isChanged = Object.hasOwn(previous, field.uuid);
    values[field.key] = isChanged ? previous[field.uuid] : (present[field.key] ?? null);
  }
  const made = { version: 1, updatedAt: values.createdAt ?? null, updatedBy: values.createdBy ?? null };
  return { ...values, ...made, ...last, id, deletedAt: null };
}

function instant(of: string): string {
  return `to_char(${of} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function keyOf({ source_id, target_id, label }: Omit<PastPair, 'created_at'>): string {
  return `${source_id} ${target_id} ${label}`;
}
