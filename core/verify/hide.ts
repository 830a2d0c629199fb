import { randomUUID } from 'node:crypto';
import {
  amountCurrency,
  joinTableName,
  quoteName,
  type EntityModel,
  type FieldModel,
  type SchemaModel,
} from '../schema/index.js';
import { lookAlikes } from './look-alike.js';
import { declaredInputs, untouchable, type Seen } from './seen.js';
import { isPlain, isWritable, sampleValue } from './sample-value.js';
import type { VerifyInput } from './types.js';
import type { Row, World } from './world.js';

type Db = VerifyInput['db'];

interface Hiding {
  readonly db: Db;
  readonly schema: SchemaModel;
  readonly world: World;
  readonly seen: Seen;
  /** Told by declaration, so left as it is. */
  readonly told: ReadonlySet<string>;
}

/**
 * Changes everything that the actor may not read, and nothing else: other values in hidden fields and rows, hidden rows gone, come
 * back, and new, links to hidden records bent, what the history holds of them. In SQL: no version, instant or entry tells of it.
 */
export async function changeHidden(db: Db, schema: SchemaModel, world: World, seen: Seen): Promise<void> {
  const hiding: Hiding = { db, schema, world, seen, told: declaredInputs(schema, seen) };
  const safe = untouchable(world);
  for (const [id, all] of world.rows) {
    const entity = schema.entities.get(id);
    const rows = all.filter((row) => !safe.has(row.id));
    if (!entity || rows.length === 0) continue;
    const hidden = rows.filter((row) => isHidden(hiding, id, row.id));
    for (const field of entity.fields.values()) {
      if (hiding.told.has(`${id}.${field.key}`)) continue;
      const isShown = seen.get(id)?.fields.has(field.key) ?? false;
      const unshown = seen.get(id)?.veiled.get(field.key);
      const touched = isShown ? [...hidden, ...rows.filter((row) => unshown?.has(row.id))] : rows;
      if (isPlain(field) || (field.key === 'externalId' && !isShown))
        await changeValues(hiding, entity, field, touched);
      else if (field.kind.sealed)
        await setColumn(
          db,
          entity,
          field,
          touched.map((row) => ({ id: row.id, value: null })),
        );
      else if (field.kind.relation === 'one' && (isWritable(field) || (field.key === 'ownerId' && !isShown)))
        await bendLinks(hiding, entity, field, { rows, hidden: isShown ? touched : hidden, isShown });
      else if (field.kind.relation === 'any') await dropLinks(hiding, entity, field, touched);
      else if (field.kind.relation === 'many') await bendJoins(hiding, field, { rows, hidden, isShown });
      if (seen.get(id)?.masked.has(field.key))
        await changeBehindMask(
          hiding,
          entity,
          field,
          rows.filter((row) => !hidden.includes(row)),
        );
    }
    // A person is known by more tables than one; what was uploaded is a file beside.
    if (hiding.told.has(id) || id.startsWith('core.')) continue;
    await changeRows(db, entity, hidden);
  }
}

function isHidden({ seen }: Hiding, entity: string, id: string): boolean {
  return !(seen.get(entity)?.ids.has(id) ?? false);
}

async function changeValues(
  { db }: Hiding,
  entity: EntityModel,
  field: FieldModel,
  rows: readonly Row[],
): Promise<void> {
  // An amount and its currency come and go together.
  const isPaired = ofAmount(entity, field);
  // Files are several of one number, and what is unique must stay so.
  const met = new Map<number, number>();
  const next = rows.map(({ id, n }) => {
    const times = met.get(n) ?? 0;
    met.set(n, times + 1);
    const isEmpty = n % 3 === 1 && !field.required && !isPaired;
    return { id, value: isEmpty ? null : (sampleValue(field, n + 100 + times * 50) ?? null) };
  });
  const usable = next.filter(({ value }) => value !== null || !field.required);
  await setColumn(db, entity, field, usable, isPaired);
  await changePast(db, entity, field, usable);
}

/** Other values with the same masks; what stood before is told of no masked field. */
async function changeBehindMask(
  { db }: Hiding,
  entity: EntityModel,
  field: FieldModel,
  rows: readonly Row[],
): Promise<void> {
  const present = await db.query<{ id: string; value: string | null }>({
    text: `select t.id, t.${quoteName(field.kind.columns(field)[0].name)} as value from ${entity.source} t where t.id = any($1::uuid[])`,
    values: [rows.map(({ id }) => id)],
  });
  const filled = present.flatMap(({ id, value }) => (value === null ? [] : [{ id, value }]));
  const likes = await lookAlikes(db, field, filled);
  await setColumn(db, entity, field, likes);
  await changePast(db, entity, field, likes);
}

async function changePast(
  db: Db,
  entity: EntityModel,
  field: FieldModel,
  values: readonly { readonly id: string; readonly value: unknown }[],
): Promise<void> {
  for (const { id, value } of values)
    await db.query({
      text: `update trellis.history h set previous = case when h.version % 2 = 0 then h.previous - $1::text else jsonb_set(h.previous, array[$1::text], $2::jsonb) end
where h.entity = $3::uuid and h.record_id = $4::uuid and h.previous ? $1::text`,
      values: [field.uuid, JSON.stringify(value), entity.uuid, id],
    });
}

function ofAmount(entity: EntityModel, field: FieldModel): boolean {
  return (
    amountCurrency(field) !== null || [...entity.fields.values()].some((other) => amountCurrency(other) === field.key)
  );
}

/** Values in canonical form (a link: an id) into the field's columns. */
async function setColumn(
  db: Db,
  entity: EntityModel,
  field: FieldModel,
  rows: readonly { readonly id: string; readonly value: unknown }[],
  isOnlyFilled = false,
): Promise<void> {
  if (rows.length === 0) return;
  const columns = field.kind.columns(field);
  const encoded = rows.map(({ id, value }) => ({
    id,
    ...(value === null && field.kind.sealed ? { [columns[0].name]: null } : field.kind.encode(value, field)),
  }));
  for (const column of columns) {
    const over = entity.overflow.find((table) => table.columns.has(column.name));
    const type = column.type.replace(/\s+collate\s+("[^"]+"|\S+)/i, '');
    await db.query({
      text: `update ${over?.table ?? entity.table} t set ${quoteName(column.name)} = r.v from (select id, ${quoteName(column.name)} as v from json_to_recordset($1::json) as r(id uuid, ${quoteName(column.name)} ${type})) r where t.${over ? quoteName(over.key) : 'id'} = r.id${isOnlyFilled ? ` and t.${quoteName(column.name)} is not null` : ''}`,
      values: [JSON.stringify(encoded)],
    });
  }
}

interface Side {
  readonly rows: readonly Row[];
  readonly hidden: readonly Row[];
  readonly isShown: boolean;
}

/** A link that is hidden, or leads to what is hidden, or nowhere, may lead to something else that is hidden. */
async function bendLinks(hiding: Hiding, entity: EntityModel, field: FieldModel, side: Side): Promise<void> {
  const { db, world } = hiding;
  const target = field.to[0] === 'core.principal' ? 'core.user' : field.to[0];
  const targets = world.rows.get(target) ?? [];
  const hiddenTargets = targets.filter((row) => isHidden(hiding, target, row.id) && !hiding.told.has(target));
  const free = side.isShown ? hiddenTargets : targets;
  if (free.length === 0) return;
  const hidden = new Set(side.hidden.map(({ id }) => id));
  const present = await db.query<{ id: string; target: string | null }>({
    text: `select t.id, t.${quoteName(field.kind.columns(field)[0].name)} as target from ${entity.source} t where t.id = any($1::uuid[])`,
    values: [side.rows.map(({ id }) => id)],
  });
  const open = present.filter(
    (row) =>
      !side.isShown ||
      hidden.has(row.id) ||
      row.target === null ||
      hiddenTargets.some((known) => known.id === row.target),
  );
  const next = open.map((row, i) => {
    const others = free.filter(({ id }) => id !== row.target);
    const isCleared = !field.required && row.target !== null && i % 2 === 1;
    return { id: row.id, value: isCleared || others.length === 0 ? null : others[i % others.length].id };
  });
  await setColumn(
    db,
    entity,
    field,
    next.filter(({ value }) => value !== null || !field.required),
  );
  // Where it led before is told by the history.
  await db.query({
    text: `update trellis.history h set previous = jsonb_set(h.previous, array[$1::text], $2::jsonb) where h.entity = $3::uuid and h.previous ? $1::text and (h.record_id = any($4::uuid[]) or h.previous->>$1::text = any($5::text[]))`,
    values: [
      field.uuid,
      JSON.stringify(free[0].id),
      entity.uuid,
      (side.isShown ? side.hidden : side.rows).map(({ id }) => id),
      hiddenTargets.map(({ id }) => id),
    ],
  });
}

async function dropLinks({ db }: Hiding, entity: EntityModel, field: FieldModel, rows: readonly Row[]): Promise<void> {
  if (field.required || !isWritable(field) || entity.id === 'core.attachment') return;
  await setColumn(
    db,
    entity,
    field,
    rows.map(({ id }) => ({ id, value: null })),
  );
}

async function bendJoins(hiding: Hiding, field: FieldModel, side: Side): Promise<void> {
  const { db, world } = hiding;
  const [target] = field.to;
  const table = `data.${quoteName(joinTableName(field.entity, field.key))}`;
  const targets = world.rows.get(target) ?? [];
  const hiddenTargets = targets.filter((row) => isHidden(hiding, target, row.id)).map(({ id }) => id);
  const sources = (side.isShown ? side.hidden : side.rows).map(({ id }) => id);
  await db.query({
    text: `delete from ${table} where source_id = any($1::uuid[]) or target_id = any($2::uuid[])`,
    values: [sources, hiddenTargets],
  });
  const pairs = [
    ...side.rows.flatMap((row) => hiddenTargets.slice(0, 1).map((id) => [row.id, id])),
    ...sources.flatMap((source) => targets.slice(0, 2).map(({ id }) => [source, id])),
  ];
  if (pairs.length === 0) return;
  await db.query({
    text: `insert into ${table} (source_id, target_id) select distinct s, t from unnest($1::uuid[], $2::uuid[]) as p(s, t) on conflict do nothing`,
    values: [pairs.map(([source]) => source), pairs.map(([, id]) => id)],
  });
}

/** Of hidden rows one goes, those of the bin come back, and one is there three times. */
async function changeRows(db: Db, entity: EntityModel, hidden: readonly Row[]): Promise<void> {
  const live = hidden.filter(({ n }) => n !== 2 && n !== 5);
  await db.query({
    text: `update ${entity.table} set deleted_at = null, deletion_id = null where id = any($1::uuid[])`,
    values: [hidden.map(({ id }) => id)],
  });
  if (live.length === 0) return;
  const [pattern] = live;
  const unique = new Set(
    [...entity.fields.values()]
      .filter(
        (field) => field.unique || field.key === 'externalId' || entity.unique.some((keys) => keys.includes(field.key)),
      )
      .flatMap((field) => field.kind.columns(field).map(({ name }) => name)),
  );
  for (const to of [randomUUID(), randomUUID()]) await copyRow(db, entity, { from: pattern.id, to, without: unique });
  const goes = live[live.length - 1];
  if (goes.id !== pattern.id)
    await db.query({ text: `delete from ${entity.table} where id = $1::uuid`, values: [goes.id] });
  await analyze(db, entity);
}

async function copyRow(
  db: Db,
  entity: EntityModel,
  { from, to, without }: { from: string; to: string; without: ReadonlySet<string> },
): Promise<void> {
  const columns = await db.query<{ name: string; nullable: boolean }>({
    text: `select column_name as name, is_nullable = 'YES' as nullable from information_schema.columns where table_schema = 'data' and table_name = $1 and is_generated = 'NEVER'`,
    values: [entity.tableName],
  });
  if (columns.some(({ name, nullable }) => without.has(name) && !nullable)) return;
  const kept = columns.filter(({ name }) => name !== 'id' && !without.has(name)).map(({ name }) => quoteName(name));
  await db.query({
    text: `insert into ${entity.table} (id, ${kept.join(', ')}) select $1::uuid, ${kept.join(', ')} from ${entity.table} where id = $2::uuid`,
    values: [to, from],
  });
}

/** Lets the database count the rows of an entity anew: estimates are made of it. */
export async function analyze(db: Db, entity: EntityModel): Promise<void> {
  await db.query({ text: `analyze ${entity.table}`, values: [] });
}
