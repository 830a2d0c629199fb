import { conflict } from '../base/errors.js';
import type { Catalog } from '../catalog/index.js';
import { joinTable, literal, quote } from '../query/index.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import type { Ctx } from '../sdk/index.js';
import { pgCode } from '../storage/index.js';
import { authorOf } from './author.js';
import { actorId } from './insert.js';
import { purgeOverflow } from './overflow.js';
import { lockOne, lockRows, type Locked } from './lock.js';
import { entityOf, runHooks, type Removal } from './removal.js';
import { asSystem, lockShares, sharesOf, tellShares } from './share-removal.js';
import { guardedWrite, type RecordsDeps } from './transaction.js';

/** Levels of cascading deletions; deeper data has a cycle that ids already break. */
const LEVELS_AT_MOST = 50;

/** Ids of what goes, by entity, each with the id of the record that it goes with. */
type Going = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** To the recycle bin, with everything that cascades, under one deletion id. Throws record.restricted. */
export async function deleteOne(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; id: string; version?: number; dryRun?: boolean },
): Promise<void> {
  await guardedWrite(deps, ctx, async (inner, catalog) => {
    const locked = await lockOne(deps, inner, catalog, { ...input, operation: 'delete', deleted: 'exclude' });
    const removal = { deps, ctx: inner, catalog };
    if (input.dryRun) await assertUnrestricted(removal, await closure(removal, input.entity, [locked.id]));
    else await deleteRows(removal, input.entity, [locked]);
  });
}

/** Deletes locked rows of one entity, set-wise. Each comes back alone, with what went because of it. */
export async function deleteRows(removal: Removal, entityId: string, rows: readonly Locked[]): Promise<void> {
  const entity = entityOf(removal, entityId);
  await runHooks(removal, entity, 'before', 'delete', rows);
  const sets = await closure(
    removal,
    entityId,
    rows.map((row) => row.id),
  );
  await assertUnrestricted(removal, sets);
  const shares =
    entityId === 'core.share' ? [] : await lockShares(removal, [...(sets.get('core.share') ?? new Map()).keys()]);
  const deletions = new Map(rows.map(({ id }) => [id, removal.ctx.newId()]));
  for (const [id, going] of sets) await markDeleted(removal, entityOf(removal, id), going, deletions);
  await tellShares(removal, 'delete', shares);
  await runHooks(removal, entity, 'after', 'delete', rows);
}

/** Everything that goes along, over links that cascade; what several of them would take goes with the first. */
async function closure(removal: Removal, entityId: string, ids: readonly string[]): Promise<Going> {
  const roots = new Map(ids.map((id) => [id, id]));
  const going = new Map([[entityId, roots]]);
  let frontier: Going = new Map([[entityId, new Map(roots)]]);
  for (let level = 0; level < LEVELS_AT_MOST && frontier.size > 0; level++) {
    const next = new Map<string, Map<string, string>>();
    for (const [target, rootOf] of frontier) {
      for (const field of pointers(removal.catalog, target, 'cascade')) {
        const known = going.get(field.entity) ?? new Map<string, string>();
        const found = await referrers(removal, field, target, [...rootOf.keys()]);
        const fresh = found.flatMap(({ id, to }): [string, string][] =>
          known.has(id) ? [] : [[id, rootOf.get(to) as string]],
        );
        if (fresh.length === 0) continue;
        going.set(field.entity, new Map([...known, ...fresh]));
        next.set(field.entity, new Map([...(next.get(field.entity) ?? []), ...fresh]));
      }
    }
    frontier = next;
  }
  return going;
}

async function assertUnrestricted(removal: Removal, sets: Going): Promise<void> {
  for (const [target, ids] of sets) {
    for (const field of pointers(removal.catalog, target, 'restrict')) {
      const going = sets.get(field.entity);
      const holding = (await referrers(removal, field, target, [...ids.keys()])).filter(({ id }) => !going?.has(id));
      if (holding.length === 0) continue;
      const holder = entityOf(removal, field.entity);
      throw conflict(
        'record.restricted',
        `${holding.length} ${holding.length === 1 ? holder.title : holder.titlePlural} still refer to it by "${field.title}".`,
        {
          params: { entity: field.entity, field: field.key, count: holding.length },
          hint: 'Delete them first, or let them refer to another record.',
        },
      );
    }
  }
}

/** To-one links that point at an entity, by what happens to them when it goes. */
function pointers(catalog: Catalog, target: string, onDelete: FieldModel['onDelete']): FieldModel[] {
  const found: FieldModel[] = [];
  for (const entity of catalog.schema.entities.values()) {
    for (const field of entity.fields.values()) {
      if (
        field.onDelete === onDelete &&
        (field.kind.relation === 'one' || field.kind.relation === 'any') &&
        (field.to.includes(target) || field.to.includes('*'))
      )
        found.push(field);
    }
  }
  return found;
}

/** Live records that point at some of these, with which one they point `to`. */
async function referrers(
  removal: Removal,
  field: FieldModel,
  target: string,
  ids: readonly string[],
): Promise<{ id: string; to: string }[]> {
  const entity = entityOf(removal, field.entity);
  const columns = field.kind.columns(field);
  const ofEntity = columns.length === 2 ? ` and t.${quote(columns[0].name)} = ${literal(target)}` : '';
  const to = `t.${quote(columns[columns.length - 1].name)}`;
  return removal.ctx.tx.query<{ id: string; to: string }>(
    `select t.id, ${to} as to from ${entity.table} t where ${to} in (select unnest($1::uuid[]))${ofEntity} and t.deleted_at is null order by t.id`,
    [ids],
  );
}

async function markDeleted(
  removal: Removal,
  entity: EntityModel,
  going: ReadonlyMap<string, string>,
  deletions: ReadonlyMap<string, string>,
): Promise<void> {
  const { ctx } = removal;
  await ctx.tx.query(
    `with gone as (update ${entity.table} t set deleted_at = $2, deletion_id = g.deletion_id, version = version + 1, updated_at = $2, updated_by = $4 from unnest($1::uuid[], $3::uuid[]) as g(id, deletion_id) where t.id = g.id and t.deleted_at is null returning t.id, t.version), ${historyAndEvent(entity, 'delete', 'gone')} select count(*) from gone`,
    [
      [...going.keys()],
      ctx.now(),
      [...going.values()].map((root) => deletions.get(root)),
      actorId(removal),
      authorOf(ctx),
    ],
  );
}

/** CTEs that note an operation for all rows of `source(id, version)`; $2 is the instant, $4 the actor, $5 what the outbox says of it. */
function historyAndEvent(entity: EntityModel, operation: string, source: string): string {
  return `hist as (insert into trellis.history (entity, record_id, version, operation, at, actor, previous) select '${entity.uuid}'::uuid, s.id, s.version, '${operation}', $2, $4, '{}' from ${source} s), ob as (insert into trellis.outbox (topic, payload, author) select 'record.changed', jsonb_build_object('entity', ${literal(entity.id)}, 'operation', '${operation}', 'ids', jsonb_agg(e.id)), $5::jsonb from (select s.id, (row_number() over () - 1) / 500 as g from ${source} s) e group by e.g)`;
}

/** Brings back a record and everything that was deleted with it, or says what stands in the way. Throws record.duplicate. */
export async function restoreOne(deps: RecordsDeps, ctx: Ctx, input: { entity: string; id: string }): Promise<void> {
  await guardedWrite(deps, ctx, async (inner, catalog) => {
    const locked = await lockOne(deps, inner, catalog, { ...input, operation: 'delete', deleted: 'only' });
    const removal = { deps, ctx: inner, catalog };
    const entity = entityOf(removal, input.entity);
    await runHooks(removal, entity, 'before', 'restore', [locked]);
    const touched = locked.deletionId === null ? [entity] : await cascadeEntities(removal, entity);
    for (const each of touched) {
      const ids = await bringBack(removal, each, locked.deletionId, each.id === entity.id ? locked.id : null);
      if (each.id === 'core.share' && entity !== each)
        await tellShares(removal, 'restore', await lockShares(removal, ids));
    }
    await runHooks(removal, entity, 'after', 'restore', [locked]);
  });
}

/** The entity and all that a cascade from it can reach. */
async function cascadeEntities(removal: Removal, from: EntityModel): Promise<EntityModel[]> {
  const reached = new Set([from.id]);
  for (const id of reached) for (const field of pointers(removal.catalog, id, 'cascade')) reached.add(field.entity);
  return [...reached].map((id) => entityOf(removal, id));
}

async function bringBack(
  removal: Removal,
  entity: EntityModel,
  deletionId: string | null,
  id: string | null,
): Promise<string[]> {
  const { ctx } = removal;
  try {
    const rows = await ctx.tx.query<{ id: string }>(
      `with back as (update ${entity.table} t set deleted_at = null, deletion_id = null, version = version + 1, updated_at = $2, updated_by = $4 where t.deleted_at is not null and (t.deletion_id = $1 or t.id = $3) returning t.id, t.version), ${historyAndEvent(entity, 'restore', 'back')} select id from back`,
      [deletionId, ctx.now(), id, actorId(removal), authorOf(ctx)],
    );
    return rows.map((row) => row.id);
  } catch (error) {
    if (pgCode(error) !== '23505') throw error;
    throw conflict(
      'record.restore_clash',
      `A value that must be unique among ${entity.titlePlural} has been used again since.`,
      { params: { entity: entity.id }, hint: 'Change the other record first.', cause: error },
    );
  }
}

/** For good: the row, its links, its history, and links that point at it. The record must be in the recycle bin. */
export async function purgeOne(deps: RecordsDeps, ctx: Ctx, input: { entity: string; id: string }): Promise<void> {
  await guardedWrite(deps, ctx, async (inner, catalog) => {
    const locked = await lockOne(deps, inner, catalog, { ...input, operation: 'purge', deleted: 'only' });
    await purgeRows({ deps, ctx: inner, catalog }, input.entity, [locked]);
  });
}

/** The same for many records of one entity; those that are not in the bin or not the actor's to purge are left out. */
export async function purgeMany(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; ids: readonly string[] },
): Promise<number> {
  return guardedWrite(deps, ctx, async (inner, catalog) => {
    const rows = await lockRows(
      deps,
      inner,
      catalog,
      input.entity,
      { column: 'id', type: 'uuid', values: input.ids },
      'purge',
      'only',
    );
    const mine = rows.filter((row) => row.readable && row.writable);
    if (mine.length > 0) await purgeRows({ deps, ctx: inner, catalog }, input.entity, mine);
    return mine.length;
  });
}

/** Purges locked rows of one entity, set-wise. */
export async function purgeRows(removal: Removal, entityId: string, rows: readonly Locked[]): Promise<void> {
  const { ctx, catalog } = removal;
  const entity = entityOf(removal, entityId);
  const ids = rows.map((row) => row.id);
  await runHooks(removal, entity, 'before', 'purge', rows);
  const shares = await sharesOf(removal, entityId, ids);
  if (shares.length > 0) await purgeRows(asSystem(removal), 'core.share', shares);
  for (const other of catalog.schema.entities.values()) {
    for (const field of other.fields.values()) {
      if (field.kind.relation === 'many' && (field.to.includes(entityId) || other.id === entityId)) {
        const ends = [
          ...(other.id === entityId ? ['source_id'] : []),
          ...(field.to.includes(entityId) ? ['target_id'] : []),
        ];
        await ctx.tx.query(
          `delete from ${joinTable(field)} where ${ends.map((end) => `${end} in (select unnest($1::uuid[]))`).join(' or ')}`,
          [ids],
        );
      }
      if (
        (field.kind.relation === 'one' || field.kind.relation === 'any') &&
        (field.to.includes(entityId) || field.to.includes('*')) &&
        !field.system
      )
        await clearPointer(removal, other, field, entityId, ids);
    }
  }
  await ctx.tx.query('delete from trellis.history where record_id in (select unnest($1::uuid[]))', [ids]);
  // Nobody can ask any more who could see them: their owners go along, and never leave the server.
  await ctx.tx.query(
    `with gone as (delete from ${entity.table} t where t.id in (select unnest($1::uuid[])) returning t.id, t.owner_id)${purgeOverflow(entity)} insert into trellis.outbox (topic, payload, author) select 'record.changed', jsonb_build_object('entity', ${literal(entityId)}, 'operation', 'purge', 'ids', jsonb_agg(e.id), 'owners', jsonb_object_agg(e.id, e.owner_id)), $2::jsonb from (select id, owner_id, (row_number() over () - 1) / 500 as g from gone) e group by e.g`,
    [ids, authorOf(ctx)],
  );
  await runHooks(removal, entity, 'after', 'purge', rows);
}

async function clearPointer(
  removal: Removal,
  entity: EntityModel,
  field: FieldModel,
  target: string,
  ids: readonly string[],
): Promise<void> {
  const columns = field.kind.columns(field);
  const idColumn = quote(columns[columns.length - 1].name);
  const ofEntity = columns.length === 2 ? ` and ${quote(columns[0].name)} = ${literal(target)}` : '';
  await removal.ctx.tx.query(
    `update ${entity.table} set ${columns.map((column) => `${quote(column.name)} = null`).join(', ')} where ${idColumn} in (select unnest($1::uuid[]))${ofEntity}`,
    [ids],
  );
}
