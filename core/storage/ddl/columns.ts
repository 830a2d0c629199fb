import type { ColumnSpec, EntityModel, FieldModel } from '../../schema/index.js';

/** A column that a table should have. */
export interface WantedColumn extends ColumnSpec {
  /** `not null` and the like; system columns only, so that adding a field never touches the rows. */
  readonly constraint?: string;
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

/** Every column that an entity's table should have; those of retired fields included. */
export function wantedColumns(entity: EntityModel): WantedColumn[] {
  return [...systemColumns, ...ownFields(entity).flatMap((field) => field.kind.columns(field))];
}

/** The fields that files define. */
export function ownFields(entity: EntityModel): FieldModel[] {
  return [...entity.fields.values()].filter((field) => !field.system);
}

/** PostgreSQL's limit of columns a table, dropped ones included. */
export const columnLimit = 1600;
/** Bytes that a row may take on its 8 kB page when all long values have moved out of line. */
export const rowLimit = 8_100;

/** Worst-case bytes of a row: header, null bitmap, system columns, and what each kind says. */
export function rowWidth(entity: EntityModel): number {
  const fields = ownFields(entity);
  const columns = systemColumns.length + fields.reduce((sum, field) => sum + field.kind.columns(field).length, 0);
  const systemBytes = 24 + 6 * 16 + 4 * 8 + 24;
  return (
    systemBytes +
    Math.ceil(columns / 8) +
    fields.reduce((sum, field) => sum + (field.kind.columns(field).length > 0 ? field.kind.width(field) : 0), 0)
  );
}
