import { createHash } from 'node:crypto';
import { quoteName, type EntityModel, type FieldModel, type SchemaModel } from '../../../schema/index.js';
import { fieldColumns, ownFields } from '../columns.js';
import type { WantedIndex } from '../indexes.js';
import { indexName, literal, qualified, shortHash } from '../names.js';
import type { DatabaseShape } from '../shape.js';
import { makeKernelStep, makeStep, type DdlStep } from '../step.js';
import { rollupNames } from './columns.js';
import { fillSql, functionBody, functionSql, type RollupSet } from './function.js';

const events = ['insert', 'update', 'delete'] as const;

/**
 * Functions and triggers that keep rollups, one function for all rollups over one link; made, replaced and dropped by difference.
 * A rollup whose meaning is new gets a task that computes it for all parents there are.
 */
export function planRollups(shape: DatabaseShape, sets: readonly RollupSet[]): DdlStep[] {
  return [
    ...staleTriggers(shape, sets),
    ...sets.flatMap((set) => planSet(shape, set)),
    ...staleFunctions(shape, sets),
    ...planFills(shape, sets),
  ];
}

/** Indexes on links by which the children of a parent are found, by the child's table. */
export function rollupIndexes(sets: readonly RollupSet[]): Map<string, WantedIndex[]> {
  const found = new Map<string, WantedIndex[]>();
  for (const { child, link } of sets) {
    // A link is indexed by itself, unless someone said no.
    if (link.kind.indexSql(link) !== null) continue;
    const table = child.tableName;
    const body = `(${quoteName(link.kind.columns(link)[0].name)}) where deleted_at is null`;
    const index = { name: indexName(table, 'ix', shortHash(body)), table, unique: false, body };
    found.set(table, [...(found.get(table) ?? []), index]);
  }
  return found;
}

/** The rollups of each link that has some. */
export function rollupSets(schema: SchemaModel): RollupSet[] {
  const sets = new Map<string, RollupSet & { rollups: FieldModel[] }>();
  for (const parent of schema.entities.values()) {
    for (const field of ownFields(parent)) {
      if (!field.rollup || field.rollup.isCurrency || field.retired) continue;
      const child = schema.entities.get(field.rollup.entity);
      const link = child?.fields.get(field.rollup.link);
      if (!child || !link) continue;
      const name = indexName(child.tableName, 'rollup', link.kind.columns(link)[0].name);
      const key = `${name} ${parent.id}`;
      const set = sets.get(key) ?? { name, parent, child, link, rollups: [] };
      set.rollups.push(field);
      sets.set(key, set);
    }
  }
  return [...sets.values()];
}

function planSet(shape: DatabaseShape, set: RollupSet): DdlStep[] {
  const { name, parent, child } = set;
  const table = child.tableName;
  const steps: DdlStep[] = [];
  if (shape.functions.get(name) !== md5(functionBody(set)))
    steps.push(
      makeStep({ kind: 'function', entity: parent.id, table, lock: 'NONE', needs: [parent.tableName] }, (schema) =>
        functionSql(set, schema),
      ),
    );
  const stands = shape.tables.get(table);
  for (const event of events.filter((each) => stands?.triggers.get(triggerName(set, each)) !== name)) {
    const rows = stands?.rows ?? 0;
    const trigger = triggerName(set, event);
    const seen = {
      insert: 'new table as new_rows',
      update: 'old table as old_rows new table as new_rows',
      delete: 'old table as old_rows',
    }[event];
    steps.push(
      makeStep(
        { kind: 'function', entity: child.id, table, lock: 'SHARE ROW EXCLUSIVE', rows, needs: [parent.tableName] },
        (schema) =>
          `create or replace trigger ${quoteName(trigger)} after ${event} on ${qualified(table, schema)} referencing ${seen} for each statement execute function ${qualified(name, schema)}()`,
      ),
    );
  }
  return steps;
}

function triggerName({ child, link }: RollupSet, event: (typeof events)[number]): string {
  return indexName(child.tableName, event, link.kind.columns(link)[0].name);
}

/** Triggers of rollups that are no more, or that do not call what they should. */
function staleTriggers(shape: DatabaseShape, sets: readonly RollupSet[]): DdlStep[] {
  const wanted = new Set(
    sets.flatMap((set) => events.map((event) => `${set.child.tableName} ${triggerName(set, event)}`)),
  );
  // Of columns that are being copied.
  for (const { table, trigger } of shape.conversions.values()) wanted.add(`${table} ${trigger}`);
  return [...shape.tables].flatMap(([table, stands]) =>
    [...stands.triggers.keys()]
      .filter((trigger) => trigger.includes('$') && !wanted.has(`${table} ${trigger}`))
      .map((trigger) =>
        makeStep(
          { kind: 'drop', entity: '', table, lock: 'ACCESS EXCLUSIVE', rows: stands.rows },
          (schema) => `drop trigger if exists ${quoteName(trigger)} on ${qualified(table, schema)}`,
        ),
      ),
  );
}

function staleFunctions(shape: DatabaseShape, sets: readonly RollupSet[]): DdlStep[] {
  const wanted = new Set([
    ...sets.map(({ name }) => name),
    ...[...shape.conversions.values()].map(({ trigger }) => trigger),
  ]);
  return [...shape.functions.keys()]
    .filter((name) => name.includes('$') && !wanted.has(name))
    .map((name) =>
      makeStep(
        { kind: 'drop', entity: '', table: name, lock: 'NONE' },
        (schema) => `drop function if exists ${qualified(name, schema)}()`,
      ),
    );
}

/** Tasks of rollups that are new or mean something else than before; those of rollups that are gone are forgotten. */
function planFills(shape: DatabaseShape, sets: readonly RollupSet[]): DdlStep[] {
  const wanted = new Map<string, { field: FieldModel; parent: EntityModel; sql: string }>();
  for (const set of sets) {
    for (const field of set.rollups) {
      const key = `rollup:${set.parent.tableName}.${rollupNames(field).value}`;
      wanted.set(key, { field, parent: set.parent, sql: fillSql(set, field) });
    }
  }
  const steps: DdlStep[] = [];
  for (const [key, { field, parent, sql }] of wanted) {
    const hash = shortHash(sql);
    if (shape.tasks.get(key) === hash) continue;
    if (!shape.tasks.has(key)) steps.push(...emptied(shape, parent, field));
    const payload = JSON.stringify({ table: parent.tableName, sql });
    const rows = Math.round(shape.tables.get(parent.tableName)?.rows ?? 0);
    // A new table has nothing to fill.
    const state = shape.tables.has(parent.tableName) ? 'pending' : 'done';
    steps.push(
      makeKernelStep(
        { kind: 'function', entity: parent.id, table: parent.tableName, lock: 'NONE', rows },
        `insert into trellis.storage_task (key, kind, entity, hash, payload, state, total) values (${literal(key)}, 'fill-rollup', ${literal(parent.id)}, '${hash}', ${literal(payload)}::jsonb, '${state}', ${rows}) on conflict (key) do update set hash = excluded.hash, payload = excluded.payload, state = excluded.state, position = null, done = 0, total = excluded.total, updated_at = now()`,
      ),
    );
  }
  const gone = [...shape.tasks.keys()].filter((key) => key.startsWith('rollup:') && !wanted.has(key));
  return [
    ...steps,
    ...gone.map((key) =>
      makeKernelStep(
        { kind: 'function', entity: '', table: 'storage_task', lock: 'NONE' },
        `delete from trellis.storage_task where key = ${literal(key)}`,
      ),
    ),
  ];
}

/** Rows of a table that are emptied within the change itself; in larger ones that would hold writers up. */
const emptiedAtMost = 50_000;

/** The values of what became a rollup, or is one again, are none of its own: better none until it is filled than these. */
function emptied(shape: DatabaseShape, parent: EntityModel, field: FieldModel): DdlStep[] {
  const table = parent.tableName;
  const stands = shape.tables.get(table);
  const { value } = rollupNames(field);
  if (!stands?.columns.has(value) || stands.rows > emptiedAtMost) return [];
  const nulls = fieldColumns(field).map(({ name }) => `${quoteName(name)} = null`);
  const facts = { kind: 'alter', entity: parent.id, table, lock: 'SHARE ROW EXCLUSIVE', rows: stands.rows } as const;
  return [
    makeStep(
      facts,
      (schema) => `update ${qualified(table, schema)} set ${nulls.join(', ')} where ${quoteName(value)} is not null`,
    ),
  ];
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
