import type { ColumnSpec, EntityModel, FieldModel } from '../../schema/index.js';
import { rollupStateColumns } from './rollup/columns.js';

/** A column that a table should have. */
export interface WantedColumn extends ColumnSpec {
  /** `not null` and the like; system columns only, so that adding a field never touches the rows. */
  readonly constraint?: string;
  /** Default of rows to come, in the words in which PostgreSQL tells it back; rows that stand keep null. */
  readonly defaultSql?: string;
}

/** Columns of every entity's table, in order. `deletion_id` binds what one cascade took along. */
export const systemColumns: readonly WantedColumn[] = [
  { name: 'id', type: 'uuid', constraint: 'primary key' },
  { name: 'created_at', type: 'timestamptz(3)', constraint: 'not null default now()' },
  { name: 'created_by', type: 'uuid' },
  { name: 'updated_at', type: 'timestamptz(3)', constraint: 'not null default now()' },
  { name: 'updated_by', type: 'uuid' },
  { name: 'owner_id', type: 'uuid' },
  { name: 'version', type: 'integer', constraint: 'not null default 1' },
  { name: 'external_id', type: 'text collate "C"' },
  { name: 'deleted_at', type: 'timestamptz(3)' },
  { name: 'deletion_id', type: 'uuid' },
];

/** Columns of the table behind a `links` field. */
export const joinTableColumns: readonly WantedColumn[] = [
  { name: 'source_id', type: 'uuid', constraint: 'not null' },
  { name: 'target_id', type: 'uuid', constraint: 'not null' },
  { name: 'label', type: 'text collate "C"', constraint: `not null default ''` },
  { name: 'position', type: 'integer' },
  { name: 'created_at', type: 'timestamptz(3)', constraint: 'not null default now()' },
];

const columnsOf = new WeakMap<FieldModel, readonly WantedColumn[]>();

/** Columns of a field: its kind's own, and what a rollup keeps beside its value. */
export function fieldColumns(field: FieldModel): readonly WantedColumn[] {
  const known = columnsOf.get(field) ?? columnsAnew(field);
  columnsOf.set(field, known);
  return known;
}

function columnsAnew(field: FieldModel): WantedColumn[] {
  const own = field.kind.columns(field);
  if (field.rollup === undefined) return [...own];
  // Part of the rollup's own state.
  if (field.rollup.isCurrency) return [];
  const { value, hidden } = rollupStateColumns(field);
  const names = new Set(hidden.map(({ name }) => name));
  return [{ ...own[0], ...value }, ...own.slice(1).filter(({ name }) => !names.has(name)), ...hidden];
}

/** Every column that an entity's tables should have; those of retired fields included. */
export function wantedColumns(entity: EntityModel): WantedColumn[] {
  return [...systemColumns, ...ownFields(entity).flatMap(fieldColumns)];
}

const fieldsOf = new WeakMap<EntityModel, readonly FieldModel[]>();

/** The fields that files define. */
export function ownFields(entity: EntityModel): readonly FieldModel[] {
  const known = fieldsOf.get(entity) ?? [...entity.fields.values()].filter((field) => !field.system);
  fieldsOf.set(entity, known);
  return known;
}

/** PostgreSQL's limit of columns a table, dropped ones included. */
export const columnLimit = 1600;
/** Bytes that a row may take on its 8 kB page when all long values have moved out of line. */
export const rowLimit = 8_100;

/** Worst-case bytes of what every row of an entity has: header and system columns. */
export const systemBytes = 24 + 6 * 16 + 4 * 8 + 24;

/** Worst-case bytes of a field in a row, its bits in the null bitmap included. */
export function fieldWidth(field: FieldModel): number {
  const columns = fieldColumns(field);
  if (columns.length === 0) return 0;
  const hidden = columns.length - field.kind.columns(field).length;
  return field.kind.width(field) + hidden * 16 + columns.length / 8;
}
