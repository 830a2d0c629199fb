import type { Issue } from '../../base/errors.js';
import type { EntityModel, FieldModel, SchemaModel } from '../../schema/index.js';
import { currencyKey, overflowKey, overflowTable } from '../../schema/index.js';
import {
  columnLimit,
  fieldColumns,
  fieldWidth,
  ownFields,
  rowLimit,
  systemBytes,
  systemColumns,
  type WantedColumn,
} from './columns.js';
import type { DatabaseShape } from './shape.js';

/** One of the tables in which the records of an entity stand. */
export interface EntityTable {
  readonly table: string;
  /** 0: the entity's own; n: the n-th overflow table. */
  readonly place: number;
  readonly columns: readonly WantedColumn[];
}

/** Where the fields of an entity stand. */
export interface Placement {
  /** The entity's own table first. */
  readonly tables: readonly EntityTable[];
  /** Keys of fields that stand in an overflow table. */
  readonly overflowing: ReadonlySet<string>;
  readonly issues: readonly Issue[];
}

/** Room kept on the own table for links, unique and searchable fields to come, in bytes. */
const reserve = 1_500;
/** Room for a column that no field uses. */
const unusedBytes = 24;
/** A statement's select list ends at 1,664 entries; the tables of an entity are read as one. */
const entityColumnLimit = 1_600;

/**
 * Gives each field a table: where its column stands; else the entity's own while a filled row still fits its page and leaves some
 * room, then the first overflow table with room. What others join, search or compute by stays on the own table (`pinned`).
 */
export function placeFields(shape: DatabaseShape, entity: EntityModel, pinned: ReadonlySet<string>): Placement {
  const rooms: Room[] = [roomOf(shape, entity, 0)];
  for (let n = 1; shape.tables.has(overflowTable(entity.tableName, n)); n++) rooms.push(roomOf(shape, entity, n));
  const fields = ownFields(entity).filter((field) => fieldColumns(field).length > 0);
  const issues: Issue[] = [];
  const fresh: FieldModel[] = [];
  for (const field of fields) {
    const room = rooms.find(({ standing }) => fieldColumns(field).some((column) => standing.has(column.name)));
    if (room === undefined) fresh.push(field);
    else {
      put(room, field);
      for (const { name } of fieldColumns(field)) if (room.standing.has(name)) room.used++;
      if (room.place > 0 && pinned.has(field.key)) issues.push(cannotMove(entity, field));
    }
  }
  // Columns that no field uses any longer may still be filled.
  for (const room of rooms) room.bytes += (room.standing.size - room.used) * unusedBytes;
  for (const field of fresh.filter(({ key }) => pinned.has(key))) put(rooms[0], field);
  for (const field of fresh.filter(({ key }) => !pinned.has(key))) {
    let room = rooms.find((each) => fits(each, field));
    if (room === undefined) rooms.push((room = roomOf(shape, entity, rooms.length)));
    put(room, field);
  }
  for (const room of rooms.filter((each) => each.place === 0)) issues.push(...tooFull(entity, room));
  const total = fields.reduce((sum, field) => sum + fieldColumns(field).length, systemColumns.length);
  if (total > entityColumnLimit) issues.push(tooManyColumns(entity, total, entityColumnLimit));
  return {
    tables: rooms.map(({ place, table, wanted }) => ({ place, table, columns: wanted })),
    overflowing: new Set(rooms.slice(1).flatMap((room) => room.fields.map(({ key }) => key))),
    issues,
  };
}

/** Fields that must stand on the own table, by entity: links, unique, searchable, numbered and title fields, rollups, and what those read. */
export function pinnedFields(schema: SchemaModel): Map<string, Set<string>> {
  const pinned = new Map<string, Set<string>>();
  const pin = (entity: string, ...keys: string[]): void => {
    const known = pinned.get(entity) ?? new Set<string>();
    pinned.set(entity, known);
    for (const key of keys) known.add(key);
  };
  for (const entity of schema.entities.values()) {
    pin(entity.id, entity.titleField, ...entity.indexes.flat(), ...entity.unique.flat());
    for (const field of ownFields(entity)) {
      if (field.kind.relation || field.unique || field.searchable || field.kind.insertSql || field.rollup)
        pin(entity.id, field.key);
      for (const read of field.rollup?.reads ?? []) pin(read.entity, read.field, currencyKey(read.field));
    }
  }
  return pinned;
}

/** The tables of an entity that stand: its own, then its overflow tables. */
export function tablesOf(shape: Pick<DatabaseShape, 'tables'>, table: string): string[] {
  const found = shape.tables.has(table) ? [table] : [];
  for (let n = 1; shape.tables.has(overflowTable(table, n)); n++) found.push(overflowTable(table, n));
  return found;
}

interface Room {
  readonly place: number;
  readonly table: string;
  /** Columns that stand there. */
  readonly standing: Pick<ReadonlyMap<string, unknown>, 'has' | 'size'>;
  /** How many of these the entity and its fields use. */
  used: number;
  readonly fields: FieldModel[];
  readonly wanted: WantedColumn[];
  bytes: number;
  /** Column numbers that are used up. */
  numbers: number;
}

function roomOf(shape: DatabaseShape, entity: EntityModel, place: number): Room {
  const table = place === 0 ? entity.tableName : overflowTable(entity.tableName, place);
  const stands = shape.tables.get(table);
  const wanted: WantedColumn[] =
    place === 0 ? [...systemColumns] : [{ name: overflowKey(place), type: 'uuid', constraint: 'primary key' }];
  const standing = stands?.columns ?? new Map<string, unknown>();
  const used = wanted.filter(({ name }) => standing.has(name)).length;
  const bytes = place === 0 ? systemBytes + Math.ceil(systemColumns.length / 8) : 24 + 16 + 1;
  const numbers = stands?.columnNumbers ?? wanted.length;
  return { place, table, standing, used, fields: [], wanted, bytes, numbers };
}

function fits(room: Room, field: FieldModel): boolean {
  const limit = room.place === 0 ? rowLimit - reserve : rowLimit;
  return room.bytes + fieldWidth(field) <= limit && room.numbers + fieldColumns(field).length <= columnLimit;
}

function put(room: Room, field: FieldModel): void {
  const columns = fieldColumns(field);
  room.fields.push(field);
  room.wanted.push(...columns);
  room.bytes += fieldWidth(field);
  room.numbers += columns.filter(({ name }) => !room.standing.has(name)).length;
}

function tooFull(entity: EntityModel, room: Room): Issue[] {
  const issues: Issue[] = [];
  if (room.numbers > columnLimit) issues.push(tooManyColumns(entity, room.numbers, columnLimit));
  if (room.bytes > rowLimit) {
    const bytes = Math.ceil(room.bytes);
    issues.push({
      path: entity.id,
      code: 'catalog.row_too_wide',
      message: `A filled record of ${entity.id} would take ${bytes} bytes on its own table, whose rows hold ${rowLimit}. Make fewer of its fields unique, searchable or links.`,
    });
  }
  return issues;
}

function tooManyColumns(entity: EntityModel, count: number, limit: number): Issue {
  const message = `${entity.id} would need ${count} columns; PostgreSQL holds ${limit}, dropped ones included.`;
  return { path: entity.id, code: 'catalog.too_many_columns', message };
}

function cannotMove(entity: EntityModel, field: FieldModel): Issue {
  return {
    path: `${entity.id}.${field.key}`,
    code: 'catalog.field_overflows',
    message: `${entity.id}.${field.key} stands in an overflow table, so it can be neither unique nor searchable nor read by a rollup. Make a new field for that and copy the values.`,
  };
}
