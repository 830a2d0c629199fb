import { denied, conflict } from '../base/errors.js';
import type { Catalog } from '../catalog/index.js';
import { decidingKeys, groupsOf, literal, quote, rowPredicate, Sql } from '../query/index.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import type { Ctx, RecordData, Statement } from '../sdk/index.js';
import { authorOf } from './author.js';
import { hasConditions } from './conditions.js';
import { stored, type Draft } from './draft.js';
import { guardParts } from './guarded.js';
import { actorId, answerSql } from './insert.js';
import { validate, type Write } from './prepare.js';
import { concernsTypes } from './record-types.js';
import type { RecordsDeps, TxCtx, WholeWrite } from './transaction.js';
import { notFound } from './lock.js';
import { startWrite } from './write.js';

interface PatchInput {
  readonly entity: string;
  readonly id: string;
  readonly values: RecordData;
  readonly version?: number;
}

/**
 * The short way of an update: where nothing needs the old row in JavaScript (no hook on these fields, no rule, no link, no
 * unique value, no money), lock, access check, comparison, write, history and outbox are one statement.
 * Null: take the long way.
 */
export async function patchOne(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: PatchInput,
): Promise<Patched | null> {
  const statement = compilePatch(deps, ctx, catalog, input, false);
  return statement && statement.finish(await ctx.tx.query(statement.text, statement.values));
}

/**
 * The statement of the short way. Whole: it carries the guard, see `guardedWhole`. Its `finish` throws record.not_found, access.denied
 * and record.stale. Null: take the long way.
 */
export function compilePatch(
  deps: RecordsDeps,
  ctx: Ctx,
  catalog: Catalog,
  input: PatchInput,
  isWhole: boolean,
): WholeWrite<Patched> | null {
  const write = startWrite(deps, ctx, catalog, input.entity, 'update', { systemFields: false, withData: true });
  const keys = Object.keys(input.values);
  if (keys.length === 0 || !isPlain(write, keys) || !staysWithin(write, keys)) return null;
  const draft: Draft = {
    row: 0,
    id: input.id,
    old: null,
    version: 0,
    next: {},
    changed: new Set(),
    links: new Map(),
    lines: new Map(),
    asked: new Set(),
    issues: [],
  };
  validate(write, draft, input.values);
  const fields = keys.map((key) => write.entity.fields.get(key) as FieldModel);
  // Findings are told by the long way, after it has looked whether the record exists for the actor.
  if (draft.issues.length > 0 || fields.some((field) => field.required && isEmpty(draft.next[field.key]))) return null;
  return {
    ...statement(write, draft, fields, input.version, isWhole),
    finish: ([row]) => outcome(input, row as Partial<Outcome> | undefined),
  };
}

function outcome(input: PatchInput, row: Partial<Outcome> | undefined): Patched | null {
  if (!row?.readable) throw notFound(input.entity, input.id);
  if (!row.writable)
    throw denied('access.denied', 'You may not update this record.', {
      params: { entity: input.entity, id: input.id, operation: 'update' },
    });
  if (input.version !== undefined && input.version !== row.seen) {
    throw conflict('record.stale', 'The record was changed meanwhile.', {
      params: { seen: input.version, current: row.seen },
      hint: 'Read it again and repeat your change.',
    });
  }
  return typeof row.data === 'string' ? { body: row.data, version: row.version as number } : 'unchanged';
}

/** The record as it was written, or word that it was as wanted already. */
type Patched = { readonly body: string; readonly version: number } | 'unchanged';

interface Outcome {
  readonly readable: boolean;
  readonly writable: boolean;
  /** Version that stood before. */
  readonly seen: number;
  readonly version: number | null;
  /** JSON of the written row; null where nothing changed. */
  readonly data: string | null;
}

/** True where the long way would find nothing to do for these keys. */
function isPlain(write: Write<Ctx>, keys: readonly string[]): boolean {
  const { deps, entity } = write;
  if (
    entity.rules.length > 0 ||
    entity.overflow.length > 0 ||
    hasConditions(entity) ||
    concernsTypes(entity, keys) ||
    deps.hooks.has(entity.id, 'before', 'update', keys) ||
    deps.hooks.has(entity.id, 'after', 'update', keys)
  )
    return false;
  return keys.every((key) => {
    const field = entity.fields.get(key);
    return (
      field !== undefined &&
      !field.system &&
      !field.unique &&
      field.kind.relation === undefined &&
      !field.lines &&
      !isCurrency(entity, field) &&
      !entity.unique.some((set) => set.includes(key))
    );
  });
}

/** Whether the row is within the actor's reach does not change by these keys, and each way to it lets set them. */
function staysWithin({ scope }: Write<Ctx>, keys: readonly string[]): boolean {
  const deciding = decidingKeys(scope);
  const groups = groupsOf(scope);
  return (
    deciding !== null &&
    !keys.some((key) => deciding.has(key)) &&
    groups.every(({ fields }) => groups.length === 1 || keys.every((key) => fields.has(key)))
  );
}

function isCurrency(entity: EntityModel, field: FieldModel): boolean {
  const column = field.kind.columns(field)[0]?.name;
  return (
    field.kind.currencyColumn !== undefined ||
    [...entity.fields.values()].some((other) => other.kind.currencyColumn?.(other) === column)
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function statement(
  write: Write<Ctx>,
  draft: Draft,
  fields: readonly FieldModel[],
  version: number | undefined,
  isWhole: boolean,
): Statement {
  const { ctx, entity } = write;
  const env = write.deps.access.env(ctx, write.catalog);
  const readScope = write.deps.access.read(ctx, write.catalog, entity.id);
  const sql = new Sql();
  const guard = isWhole ? guardParts(sql, write) : null;
  const at = sql.param(ctx.now(), 'timestamptz');
  const actor = sql.param(actorId(write), 'uuid');
  const columns = fields.flatMap((field) => {
    const encoded = field.kind.encode(stored(field, draft.next[field.key]), field);
    return field.kind.columns(field).map(({ name, type }) => ({
      name: quote(name),
      value: sql.param(column(encoded[name], type), type.replace(/\s+collate\s+("[^"]+"|\S+)/i, '')),
    }));
  });
  const differs = columns.map(({ name, value }) => `o.${name} is distinct from ${value}`).join(' or ');
  const readable = rowPredicate(sql, env, readScope, 't');
  const writable = rowPredicate(sql, env, write.scope, 't');
  const old = `o as materialized (select t.*, (${readable}) as may_read, (${writable}) as may_write from ${entity.table} t where t.id = ${sql.param(draft.id, 'uuid')} and t.deleted_at is null${guard === null ? '' : ` and ${guard.holds}`} for update)`;
  const set = [
    ...columns.map(({ name, value }) => `${name} = ${value}`),
    `updated_at = ${at}`,
    `updated_by = ${actor}`,
    'version = t.version + 1',
  ].join(', ');
  const seen = sql.param(version ?? null, 'integer');
  const update = `u as (update ${entity.table} t set ${set} from o where t.id = o.id and o.may_read and o.may_write and (${seen} is null or o.version = ${seen}) and (${differs}) returning t.*)`;
  const previous = fields
    .map((field) => {
      const own = field.kind.columns(field).map(({ name }) => quote(name));
      return `(${literal(field.uuid)}, to_jsonb(${field.kind.select(field, 'o')}), ${own.map((name) => `o.${name} is distinct from u.${name}`).join(' or ')})`;
    })
    .join(', ');
  const history = `h as (insert into trellis.history (entity, record_id, version, operation, at, actor, reason, previous) select ${literal(entity.uuid)}::uuid, u.id, u.version, 'update', ${at}, ${actor}, ${sql.param(ctx.actor.kind === 'system' ? ctx.actor.reason : null, 'text')}, (select jsonb_object_agg(c.k, coalesce(c.v, 'null'::jsonb)) from (values ${previous}) as c(k, v, changed) where c.changed) from u join o on o.id = u.id)`;
  const author = sql.param(
    authorOf(
      ctx,
      fields.map(({ key }) => key),
    ),
    'jsonb',
  );
  const event = `e as (insert into trellis.outbox (topic, payload, author) select 'record.changed', jsonb_build_object('entity', ${literal(entity.id)}, 'operation', 'update', 'ids', jsonb_build_array(u.id)), ${author} from u)`;
  const row = `select row_to_json(_r)::text from u t${answerSql(sql, env, readScope)}`;
  const body = `${old}, ${update}, ${history}, ${event}`;
  const rows = `select o.may_read as readable, o.may_write as writable, o.version as seen, (select u.version from u) as version, (${row}) as data from o`;
  return {
    text: guard === null ? `with ${body} ${rows}` : `with ${guard.cte}, ${body} ${guard.around(rows)}`,
    values: sql.values,
  };
}

/** A parameter as the driver takes it: JSON as text, arrays as arrays. */
function column(value: unknown, type: string): unknown {
  return type.startsWith('json') && value !== null && value !== undefined ? JSON.stringify(value) : (value ?? null);
}
