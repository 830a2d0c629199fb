import type { Issue } from '../../base/errors.js';
import { invalid } from '../../base/errors.js';
import type { EntityModel, FieldModel, SchemaModel } from '../../schema/index.js';
import { joinTableName, quoteName } from '../../schema/index.js';
import {
  columnLimit,
  joinTableColumns,
  ownFields,
  rowLimit,
  rowWidth,
  wantedColumns,
  type WantedColumn,
} from './columns.js';
import { createIndexSql, joinTableIndexes, wantedIndexes, type WantedIndex } from './indexes.js';
import { qualified, sequenceName } from './names.js';
import { canonicalType, type DatabaseShape, type TableShape } from './shape.js';

/** One statement of a plan. */
export interface DdlStep {
  readonly sql: string;
  readonly kind: 'create' | 'alter' | 'index' | 'drop';
  readonly entity: string;
  /** Holds readers or writers up for longer than a moment. */
  readonly blocking: boolean;
  /** Not run now: recorded as pending and built by the job `core.build-indexes`. */
  readonly concurrent: boolean;
  /** Name of the index that it makes or drops. */
  readonly index?: string;
}

export interface DdlOptions {
  /** Quoted display collation of the workspace, from `displayCollation`. */
  readonly collation: string;
}

/** A table up to this size gets its indexes at once; they take milliseconds. */
const smallTableBytes = 1 << 20;

/**
 * The statements that bring the data schema to what the entities say, in order: sequences, tables, columns, indexes. Never
 * drops a table or column; of indexes, those that Trellis made and no longer wants.
 * Throws catalog.not_storable with one issue a finding: catalog.kind_changed, catalog.too_many_columns, catalog.row_too_wide.
 */
export function planDdl(shape: DatabaseShape, schema: SchemaModel, options: DdlOptions): DdlStep[] {
  const entities = [...schema.entities.values()];
  const issues = entities.flatMap((entity) => findProblems(shape, entity));
  if (issues.length > 0)
    throw invalid('catalog.not_storable', issues.map((issue) => issue.message).join(' '), { issues });
  return entities.flatMap((entity) => planEntity(shape, entity, options));
}

function planEntity(shape: DatabaseShape, entity: EntityModel, options: DdlOptions): DdlStep[] {
  const make = tableMaker(shape, entity.id);
  const links = ownFields(entity).filter((field) => field.kind.relation === 'many');
  return [
    ...sequences(shape, entity),
    ...make(entity.tableName, wantedColumns(entity), wantedIndexes(entity, options.collation), ''),
    ...links.flatMap((field) =>
      make(
        joinTableName(entity.id, field.key),
        joinTableColumns,
        joinTableIndexes(entity, field),
        ', primary key (source_id, target_id, label)',
      ),
    ),
  ];
}

function tableMaker(shape: DatabaseShape, entity: string) {
  return (
    table: string,
    columns: readonly WantedColumn[],
    indexes: readonly WantedIndex[],
    constraint: string,
  ): DdlStep[] => {
    const existing = shape.tables.get(table);
    const step = (sql: string, kind: DdlStep['kind']): DdlStep => ({
      sql,
      kind,
      entity,
      blocking: false,
      concurrent: false,
    });
    const fresh = existing ?? emptyTable;
    const columnSteps =
      existing === undefined
        ? [step(`create table ${qualified(table)} (${columns.map(columnSql).join(', ')}${constraint})`, 'create')]
        : addColumns(existing, table, columns).map((sql) => step(sql, 'alter'));
    return [...columnSteps, ...indexSteps(fresh, indexes, entity), ...staleIndexes(fresh, indexes, entity)];
  };
}

const emptyTable: TableShape = { columns: new Map(), indexes: new Map(), columnNumbers: 0, bytes: 0 };

function columnSql(column: WantedColumn): string {
  return `${quoteName(column.name)} ${column.type}${column.constraint === undefined ? '' : ` ${column.constraint}`}`;
}

/** All new columns of a table in one statement: one short lock, no rewrite (own fields have neither default nor `not null`). */
function addColumns(existing: TableShape, table: string, columns: readonly WantedColumn[]): string[] {
  const absent = columns.filter((column) => !existing.columns.has(column.name));
  return absent.length === 0
    ? []
    : [`alter table ${qualified(table)} ${absent.map((column) => `add column ${columnSql(column)}`).join(', ')}`];
}

function indexSteps(existing: TableShape, indexes: readonly WantedIndex[], entity: string): DdlStep[] {
  return indexes
    .filter((index) => existing.indexes.get(index.name)?.valid !== true)
    .map((index) => {
      const broken = existing.indexes.has(index.name);
      // Duplicates in existing rows must not fail the whole change: a unique is built apart.
      const concurrent = broken || existing.bytes > smallTableBytes || (index.unique && existing.bytes > 0);
      return {
        sql: createIndexSql(index, concurrent),
        kind: 'index',
        entity,
        blocking: !concurrent && existing.bytes > 0,
        concurrent,
        index: index.name,
      } satisfies DdlStep;
    });
}

/** Indexes of ours (`$` in the name) that nothing wants any longer: each costs every write. */
function staleIndexes(existing: TableShape, indexes: readonly WantedIndex[], entity: string): DdlStep[] {
  const wanted = new Set(indexes.map((index) => index.name));
  return [...existing.indexes.keys()]
    .filter((name) => name.includes('$') && !wanted.has(name))
    .map((name) => ({
      sql: `drop index if exists ${qualified(name)}`,
      kind: 'drop',
      entity,
      blocking: false,
      concurrent: false,
      index: name,
    }));
}

function sequences(shape: DatabaseShape, entity: EntityModel): DdlStep[] {
  return ownFields(entity)
    .filter(isNumbered)
    .map((field) => sequenceName(entity, field))
    .filter((name) => !shape.sequences.has(name.slice(name.indexOf('"') + 1, -1)))
    .map((name) => ({
      sql: `create sequence if not exists ${name}`,
      kind: 'create',
      entity: entity.id,
      blocking: false,
      concurrent: false,
    }));
}

function isNumbered(field: FieldModel): boolean {
  return field.kind.insertSql !== undefined;
}

function findProblems(shape: DatabaseShape, entity: EntityModel): Issue[] {
  const existing = shape.tables.get(entity.tableName) ?? emptyTable;
  const columns = wantedColumns(entity);
  const added = columns.filter((column) => !existing.columns.has(column.name)).length;
  const issues: Issue[] = [];
  if (existing.columnNumbers + added > columnLimit) {
    const message = `${entity.id} would need ${existing.columnNumbers + added} columns; PostgreSQL holds ${columnLimit} a table, dropped ones included.`;
    issues.push({ path: entity.id, code: 'catalog.too_many_columns', message });
  }
  const width = rowWidth(entity);
  if (width > rowLimit) {
    issues.push({
      path: entity.id,
      code: 'catalog.row_too_wide',
      message: `A filled record of ${entity.id} would take ${width} bytes; a row holds ${rowLimit}. Move fields to an entity of their own.`,
    });
  }
  return [...issues, ...ownFields(entity).flatMap((field) => kindChanges(existing, entity, field))];
}

function kindChanges(existing: TableShape, entity: EntityModel, field: FieldModel): Issue[] {
  return field.kind.columns(field).flatMap((column) => {
    const stands = existing.columns.get(column.name)?.type;
    if (stands === undefined || stands.replaceAll('"', '') === canonicalType(column.type).replaceAll('"', ''))
      return [];
    const message = `${entity.id}.${field.key} is now of kind ${field.kind.id} (${column.type}), but its data are ${stands}. Give the new field another key.`;
    return [
      {
        path: `${entity.id}.${field.key}`,
        code: 'catalog.kind_changed',
        message,
        params: { kind: field.kind.id, from: stands, to: column.type },
      },
    ];
  });
}
