/**
 * Overflow tables: where a filled record would not fit one row, some of its fields stand in further tables, one row a record,
 * keyed by the record's id. Which field stands where is what the database says (`storage` places them).
 */
import type { EntityModel, FieldModel, OverflowTable, SchemaModel } from './model.js';
import { quoteName } from './names.js';

/** Name of the n-th overflow table (from 1) of an entity's table. A `$` is in no name of an entity's or link's table. */
export function overflowTable(table: string, n: number): string {
  return `${table.slice(0, 58)}$o${n}`;
}

/** Key column of the n-th overflow table; no field's column begins with `_`. */
export function overflowKey(n: number): string {
  return `_o${n}`;
}

/** The schema with the overflow tables that stand: name → columns. Without any it is the same object. */
export function withOverflow(schema: SchemaModel, standing: Readonly<Record<string, readonly string[]>>): SchemaModel {
  if (Object.keys(standing).length === 0) return schema;
  const entities = [...schema.entities].map(([id, entity]): [string, EntityModel] => {
    const overflow: OverflowTable[] = [];
    for (let n = 1; Object.hasOwn(standing, overflowTable(entity.tableName, n)); n++) {
      const name = overflowTable(entity.tableName, n);
      overflow.push({ table: `data.${quoteName(name)}`, key: overflowKey(n), columns: new Set(standing[name]) });
    }
    return [
      id,
      overflow.length === 0 ? entity : { ...entity, overflow, source: overflowSource({ ...entity, overflow }) },
    ];
  });
  return { ...schema, entities: new Map(entities) };
}

/**
 * A relation with the columns of all tables of an entity, for `from`; one that is not asked of costs nothing, since PostgreSQL
 * leaves out a left join over a unique key whose columns nobody reads. `main` and `written` stand for the tables, where a statement
 * reads back what it has just written.
 */
export function overflowSource(
  entity: Pick<EntityModel, 'table' | 'overflow'>,
  main: string = entity.table,
  written: ReadonlyMap<OverflowTable, string> = new Map(),
): string {
  if (entity.overflow.length === 0) return main;
  const joins = entity.overflow.map(
    (each, i) => `left join ${written.get(each) ?? each.table} p${i} on p${i}.${each.key} = m.id`,
  );
  return `(select m.*, ${entity.overflow.map((_each, i) => `p${i}.*`).join(', ')} from ${main} m ${joins.join(' ')})`;
}

/** The overflow table in which a field stands, or null: the entity's own. */
export function overflowOf(entity: EntityModel, field: FieldModel): OverflowTable | null {
  if (entity.overflow.length === 0) return null;
  const [column] = field.kind.columns(field);
  return (column && entity.overflow.find(({ columns }) => columns.has(column.name))) ?? null;
}
