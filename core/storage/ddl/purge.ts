import type { EntityModel, FieldModel } from '../../schema/index.js';
import { joinTableName, quoteName, tableName } from '../../schema/index.js';
import { fieldColumns, ownFields } from './columns.js';
import { abandonSteps } from './copy.js';
import { tablesOf } from './placement.js';
import { bareSequenceName, literal, qualified } from './names.js';
import { rollupNames } from './rollup/columns.js';
import type { DatabaseShape, TableShape } from './shape.js';
import { makeKernelStep, makeStep, type DdlStep } from './step.js';
import type { PurgePayload } from './tasks.js';

/**
 * What goes for good with retired fields and entities: columns with their indexes, tables of links, sequences, overflow tables;
 * the values in the history by a task, in pieces. The shape that is answered is the one afterwards, so that a new field of the
 * same key is planned as new.
 */
export function planPurge(
  before: DatabaseShape,
  fields: readonly FieldModel[],
  entities: readonly EntityModel[],
): { shape: DatabaseShape; steps: DdlStep[] } {
  const tables = new Map(before.tables);
  const sequences = new Set(before.sequences);
  const conversions = new Map(before.conversions);
  const steps: DdlStep[] = [];
  /** Copies of columns that go: their triggers would name what is not there. */
  const abandon = (table: string, column?: string): void => {
    for (const [key, conversion] of conversions) {
      const stands = tables.get(table);
      if (conversion.table !== table || (column !== undefined && conversion.column !== column) || !stands) continue;
      conversions.delete(key);
      tables.set(table, without(stands, [conversion.copy]));
      steps.push(...abandonSteps(conversion, stands));
    }
  };
  const dropTable = (entity: string, table: string): void => {
    abandon(table);
    const stands = tables.get(table);
    if (stands === undefined) return;
    tables.delete(table);
    steps.push(
      makeStep(
        { kind: 'drop', entity, table, lock: 'ACCESS EXCLUSIVE', rows: stands.rows },
        (schema) => `drop table ${qualified(table, schema)}`,
      ),
    );
  };
  const dropSequence = (entity: string, table: string, field: FieldModel): void => {
    const name = bareSequenceName(table, field);
    if (!sequences.delete(name)) return;
    steps.push(
      makeStep(
        { kind: 'drop', entity, table, lock: 'NONE' },
        (schema) => `drop sequence if exists ${qualified(name, schema)}`,
      ),
    );
  };
  for (const [entity, gone] of byEntity(fields)) {
    for (const table of tablesOf({ tables }, tableName(entity))) {
      const columns = gone.flatMap((field) => columnsOf(field)).filter((name) => tables.get(table)?.columns.has(name));
      if (columns.length === 0) continue;
      for (const column of columns) abandon(table, column);
      const stands = tables.get(table) as TableShape;
      tables.set(table, without(stands, columns));
      const facts = { entity, table, lock: 'ACCESS EXCLUSIVE', rows: stands.rows } as const;
      for (const [index, { columns: of }] of stands.indexes) {
        if (of.some((name) => columns.includes(name)))
          steps.push(
            makeStep({ ...facts, kind: 'drop', index }, (schema) => `drop index if exists ${qualified(index, schema)}`),
          );
      }
      steps.push(
        makeStep(
          { ...facts, kind: 'drop' },
          (schema) =>
            `alter table ${qualified(table, schema)} ${columns.map((name) => `drop column ${quoteName(name)}`).join(', ')}`,
        ),
      );
    }
    for (const field of gone) {
      if (field.kind.relation === 'many') dropTable(entity, joinTableName(entity, field.key));
      if (field.kind.insertSql) dropSequence(entity, tableName(entity), field);
      steps.push(purgeHistory(entity, field.uuid, { field: field.uuid, key: field.key }));
    }
  }
  for (const entity of entities) {
    for (const field of ownFields(entity)) {
      if (field.kind.relation === 'many') dropTable(entity.id, joinTableName(entity.id, field.key));
      if (field.kind.insertSql) dropSequence(entity.id, entity.tableName, field);
    }
    for (const table of tablesOf({ tables }, entity.tableName)) dropTable(entity.id, table);
    steps.push(purgeHistory(entity.id, entity.uuid, { entity: entity.uuid }));
  }
  return { shape: { ...before, tables, sequences, conversions }, steps };
}

/** The task that takes the values of a field, or of a whole entity, out of the history and out of what imports remember. */
function purgeHistory(entity: string, uuid: string, payload: PurgePayload): DdlStep {
  const sql = `insert into trellis.storage_task (key, kind, entity, hash, payload, total) values (${literal(`purge:${uuid}`)}, 'purge-history', ${literal(entity)}, '1', ${literal(JSON.stringify(payload))}::jsonb, (select coalesce(max(id), 0) from trellis.history)) on conflict (key) do update set state = 'pending', position = null, done = 0, total = excluded.total, updated_at = now()`;
  return makeKernelStep({ kind: 'drop', entity, table: 'history', lock: 'NONE' }, sql);
}

/** A retired rollup no longer knows over what it was, so not which of the columns beside its value it had. */
function columnsOf(field: FieldModel): string[] {
  const own = fieldColumns(field).map(({ name }) => name);
  return field.kind.id === 'rollup' ? [...new Set([...own, ...Object.values(rollupNames(field))])] : own;
}

function without(stands: TableShape, columns: readonly string[]): TableShape {
  return {
    ...stands,
    columns: new Map([...stands.columns].filter(([name]) => !columns.includes(name))),
    indexes: new Map([...stands.indexes].filter(([, index]) => !index.columns.some((name) => columns.includes(name)))),
  };
}

function byEntity(fields: readonly FieldModel[]): Map<string, FieldModel[]> {
  const groups = new Map<string, FieldModel[]>();
  for (const field of fields) groups.set(field.entity, [...(groups.get(field.entity) ?? []), field]);
  return groups;
}
