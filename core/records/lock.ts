import { conflict, denied, missing, type Issue } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Catalog } from '../catalog/index.js';
import {
  anyOf,
  compileLock,
  groupsOf,
  planFields,
  quote,
  rowPredicate,
  selectList,
  Sql,
  type FieldPlan,
  type QueryEnv,
  type Scoped,
} from '../query/index.js';
import type { RecordData } from '../sdk/index.js';
import type { RecordsDeps, TxCtx } from './transaction.js';

/** A row locked for update, as the system sees it. */
export interface Locked {
  readonly id: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly deletionId: string | null;
  readonly data: RecordData;
  /** Value of the column that was asked by. */
  readonly key: string;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Of an update: by which groups of parts of what the actor may change it is reached; null: there is one group at most. */
  readonly reached: readonly boolean[] | null;
}

/** Locks rows by id or another unique column, in id order, with all their fields and whether the actor may read and write them. */
export async function lockRows(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  entityId: string,
  by: { column: string; type: string; values: readonly string[] },
  operation: 'update' | 'delete' | 'purge',
  deleted: 'exclude' | 'any' | 'only',
): Promise<Locked[]> {
  const system = ctx.asSystem('write');
  const env = deps.access.env(system, catalog);
  const full = deps.access.read(system, catalog, entityId);
  const sql = new Sql();
  const actorEnv = deps.access.env(ctx, catalog);
  const readable = rowPredicate(sql, actorEnv, deps.access.read(ctx, catalog, entityId), 't');
  const write = deps.access.write(ctx, catalog, entityId, operation);
  const writable = rowPredicate(sql, actorEnv, write, 't');
  const groups = groupsOf(write);
  const reached =
    groups.length < 2
      ? 'null::boolean[]'
      : `array[${groups.map(({ parts }) => anyOf(sql, actorEnv, write, parts, 't')).join(', ')}]::boolean[]`;
  const live = { exclude: ' and t.deleted_at is null', only: ' and t.deleted_at is not null', any: '' }[deleted];
  const lock = compileLock(full.entity, { key: by.column, values: by.values, type: by.type });
  if (lock) await ctx.tx.query(lock.text, lock.values);
  const base = `select t.* from ${full.entity.source} t where t.${quote(by.column)} in (select unnest(${sql.param(by.values, `${by.type}[]`)}))${live} order by t.id${lock ? '' : ' for update'}`;
  const text = `select t.id, t.version, t.deleted_at is not null as deleted, t.deletion_id, t.${quote(by.column)}::text as key, (${readable}) as readable, (${writable}) as writable, ${reached} as reached, row_to_json(_r) as data from (${base}) t cross join lateral (select ${selectList(sql, env, storedFields(env, full), 't')}) _r`;
  const rows = await ctx.tx.query<{
    id: string;
    version: number;
    deleted: boolean;
    deletion_id: string | null;
    key: string;
    readable: boolean;
    writable: boolean;
    reached: boolean[] | null;
    data: RecordData;
  }>(text, sql.values);
  return rows.map((row) => ({ ...row, deletionId: row.deletion_id }));
}

/** Locks one record for a write; record.not_found, access.denied, record.stale. */
export async function lockOne(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: {
    entity: string;
    id: string;
    version?: number;
    operation: 'update' | 'delete' | 'purge';
    deleted: 'exclude' | 'any' | 'only';
  },
): Promise<Locked> {
  deps.access.read(ctx, catalog, input.entity);
  if (!isUuid(input.id)) throw notFound(input.entity, input.id);
  const [locked] = await lockRows(
    deps,
    ctx,
    catalog,
    input.entity,
    { column: 'id', type: 'uuid', values: [input.id] },
    input.operation,
    input.deleted,
  );
  if (!locked?.readable) throw notFound(input.entity, input.id);
  if (!locked.writable)
    throw denied('access.denied', `You may not ${input.operation} this record.`, {
      params: { entity: input.entity, id: input.id, operation: input.operation },
    });
  if (input.version !== undefined && input.version !== locked.version) {
    throw conflict('record.stale', 'The record was changed meanwhile.', {
      params: { seen: input.version, current: locked.version },
      hint: 'Read it again and repeat your change.',
    });
  }
  return locked;
}

/** The same answer for a record that does not exist, is deleted, or is hidden. */
export function notFound(entity: string, id: string): Error {
  return missing('record.not_found', 'There is no such record.', { params: { entity, id } });
}

/** The finding of a row that the actor may see but not write. */
export function mayNot(operation: 'update' | 'delete'): Issue {
  return { path: '', code: 'access.denied', message: `You may not ${operation} this record.` };
}

/** What is kept of a record: formulas are computed where hooks and rules ask for them, lines are records of their own. */
function storedFields(env: QueryEnv, scope: Scoped): FieldPlan[] {
  return planFields(env, scope, undefined, false).filter(({ field }) => !field.formula);
}
