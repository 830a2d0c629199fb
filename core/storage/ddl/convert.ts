import type { Issue } from '../../base/errors.js';
import type { EntityModel, FieldModel } from '../../schema/index.js';
import { columnName, joinTableName, overflowKey, quoteName } from '../../schema/index.js';
import { fieldColumns, joinTableColumns, ownFields, systemColumns, type WantedColumn } from './columns.js';
import { conversionSql, type ConversionSql } from './conversion-sql.js';
import { abandonSteps, describeCopy, reads, switchSteps, type CopyInput } from './copy.js';
import { createIndexSql, type WantedIndex } from './indexes.js';
import { qualified } from './names.js';
import type { Placement } from './placement.js';
import { canonicalType, conversionKey, type ColumnConversion, type DatabaseShape, type TableShape } from './shape.js';
import { makeStep, type Conversion, type DdlStep } from './step.js';

/** Bytes of a table whose rows are rewritten within the change: some ten thousand, a few tenths of a second. */
const rewriteLimit = 2 << 20;

/** What conversions are planned from. */
export interface ConversionsInput {
  readonly shape: DatabaseShape;
  readonly entity: EntityModel;
  readonly placement: Placement;
  /** IANA zone in which dates become instants and back. */
  readonly zone: string;
  /** All indexes that the entity's tables are to have afterwards. */
  readonly indexes: readonly WantedIndex[];
}

/**
 * Changes of kind that change a column. Between text types nothing is rewritten; other conversions rewrite a small table within
 * the change, and in a large one the copy that was made before takes the column's place. Indexes on the column go first and are
 * made anew, uniques at once, so that no value can come to stand twice. The shape that is answered is the one afterwards.
 * Issues: catalog.kind_changed where no value converts, catalog.conversion_unprepared where no copy is ready yet,
 * catalog.values_lost and catalog.duplicates where copying met such values.
 */
export function planConversions(input: ConversionsInput): { shape: DatabaseShape; steps: DdlStep[]; issues: Issue[] } {
  const { shape, entity } = input;
  const steps: DdlStep[] = [];
  const issues: Issue[] = [...movedLayouts(shape, entity)];
  const changed = new Map<string, TableShape>();
  const conversions = new Map(shape.conversions);
  for (const found of findConversions(input)) {
    if ('code' in found) {
      issues.push(found);
      continue;
    }
    const { copy } = found;
    const stands = changed.get(copy.table) ?? copy.stands;
    const standing = shape.conversions.get(conversionKey(copy.table, copy.column));
    const planned = found.isLarge
      ? takeCopy({ ...found, copy: { ...copy, stands } }, standing)
      : rewrite({ ...found, copy: { ...copy, stands } }, standing);
    if ('code' in planned) issues.push(planned);
    else {
      steps.push(...planned.steps);
      changed.set(copy.table, planned.after);
      conversions.delete(conversionKey(copy.table, copy.column));
    }
  }
  if (changed.size === 0) return { shape, steps, issues };
  return { shape: { ...shape, conversions, tables: new Map([...shape.tables, ...changed]) }, steps, issues };
}

/** A column that has another type than its field. */
export interface FoundConversion {
  readonly copy: CopyInput;
  readonly sql: ConversionSql;
  /** Values must be copied before the change. */
  readonly isLarge: boolean;
  /** Unique indexes over the column that stand and are wanted further. */
  readonly uniques: readonly WantedIndex[];
}

/** The columns of an entity that must become of another type, or why they cannot. */
export function findConversions({
  shape,
  entity,
  placement,
  zone,
  indexes,
}: ConversionsInput): (FoundConversion | Issue)[] {
  const found: (FoundConversion | Issue)[] = [];
  for (const { table, place, columns } of placement.tables) {
    const stands = shape.tables.get(table);
    if (stands === undefined) continue;
    for (const column of columns) {
      const from = stands.columns.get(column.name)?.type;
      if (from === undefined || isSame(from, column.type)) continue;
      const to = canonicalType(column.type);
      const field = fieldOf(entity, column.name);
      const sqlOf = (value: string): ConversionSql | null => conversionSql({ from, to, value, zone });
      const sql = sqlOf(quoteName(column.name));
      if (sql === null) {
        found.push(cannotConvert(entity, field, column, from));
        continue;
      }
      const uniques = indexes.filter(
        (index) =>
          index.unique && index.table === table && reads(index, column.name) && stands.indexes.get(index.name)?.valid,
      );
      // A type without a rewrite would still leave the rows without their unique index, or build it under the lock.
      const isLarge = stands.bytes > rewriteLimit && (!sql.isRelabel || uniques.length > 0);
      const copy = {
        entity,
        field: field?.key ?? column.name,
        table,
        column: column.name,
        key: place === 0 ? 'id' : overflowKey(place),
        from,
        to: column.type,
        sqlOf: (value: string) => sqlOf(value) ?? sql,
        indexes,
        stands,
      };
      found.push({ copy, sql, isLarge, uniques });
    }
  }
  return found;
}

/** What a conversion does to the values, as far as it can do harm. */
export function conversionOf({ copy, sql, isLarge, uniques }: FoundConversion): Conversion {
  const { field, from, to, table, column } = copy;
  const name = quoteName(column);
  const lost = `select count(*)::int as n, (array_agg(left(${name}::text, 60)))[1:5] as samples from ${qualified(table)} where ${sql.lost}`;
  const duplicates = sql.isRelabel ? [] : uniques.map((index) => duplicatesSql(index, name, sql.value));
  return { field, from, to, lost, duplicates, isCopied: isLarge };
}

function duplicatesSql({ table, columns = [] }: WantedIndex, name: string, value: string): string {
  const keys = columns.map((column) => (column === name ? `(${value})` : column));
  const filled = keys.map((key) => `${key} is not null`).join(' and ');
  return `select count(*)::int as n, (array_agg(left(d.said, 60)))[1:5] as samples from (select min(${name}::text) as said from ${qualified(table)} where deleted_at is null and ${filled} group by ${keys.join(', ')} having count(*) > 1) d`;
}

interface Planned {
  readonly steps: DdlStep[];
  readonly after: TableShape;
}

/** The copy that is ready takes the place of the column. */
function takeCopy({ copy }: FoundConversion, standing: ColumnConversion | undefined): Planned | Issue {
  const { entity, field, from, to, stands } = copy;
  const path = `${entity.id}.${field}`;
  const params = { kind: entity.fields.get(field)?.kind.id, from, to, rows: Math.round(stands.rows) };
  const wanted = describeCopy(copy);
  const missing = wanted.indexes.find(({ name, unique }) => unique && stands.indexes.get(name)?.valid !== true);
  const isBuilding = missing !== undefined && standing?.failed.includes(missing.name) !== true;
  if (standing?.hash !== wanted.hash || standing.state === 'pending' || (standing.state === 'done' && isBuilding)) {
    const message = `${path} holds about ${params.rows} values as ${from}; they are copied as ${to} before the change.`;
    return { path, code: 'catalog.conversion_unprepared', message, params };
  }
  if (standing.state === 'failed') {
    const message = `Values of ${path} do not convert from ${from} to ${to}.`;
    return { path, code: 'catalog.values_lost', message, params };
  }
  if (missing !== undefined) {
    const message = `Values of ${path} that must be unique are equal as ${to}.`;
    return { path, code: 'catalog.duplicates', message, params };
  }
  return switchSteps(copy, { ...standing, indexes: wanted.indexes });
}

/** The whole table is written anew, or nothing is. */
function rewrite(found: FoundConversion, standing: ColumnConversion | undefined): Planned {
  const { copy, sql, uniques } = found;
  const { entity, table, column, to, stands } = copy;
  const name = quoteName(column);
  const left = standing === undefined ? [] : abandonSteps(standing, stands);
  const indexes = [...stands.indexes].filter(([, index]) => index.columns.includes(column)).map(([index]) => index);
  const facts = { entity: entity.id, table, lock: 'ACCESS EXCLUSIVE', rows: stands.rows } as const;
  const drops = indexes.map((index) =>
    makeStep({ ...facts, kind: 'drop', index }, (schema) => `drop index if exists ${qualified(index, schema)}`),
  );
  const alter = makeStep(
    {
      ...facts,
      kind: 'alter',
      blocking: !sql.isRelabel && stands.bytes > 0,
      ...(sql.isRelabel ? {} : { conversion: conversionOf(found) }),
    },
    (schema) =>
      `alter table ${qualified(table, schema)} alter column ${name} drop default, alter column ${name} type ${to} using ${sql.value}`,
  );
  const remade = uniques.map((index) =>
    makeStep({ ...facts, kind: 'index', index: index.name }, (schema) => createIndexSql(index, false, schema)),
  );
  const gone = new Set([...indexes, ...(standing?.indexes ?? []).map((index) => index.name)]);
  const columns = new Map([...stands.columns].filter(([each]) => each !== standing?.copy));
  columns.set(column, { type: canonicalType(to), notNull: false });
  const kept = new Map([...stands.indexes].filter(([index]) => !gone.has(index)));
  for (const { name: index } of uniques) kept.set(index, { valid: true, unique: true, columns: [column] });
  return { steps: [...left, ...drops, alter, ...remade], after: { ...stands, columns, indexes: kept } };
}

function cannotConvert(entity: EntityModel, field: FieldModel | undefined, column: WantedColumn, from: string): Issue {
  const path = `${entity.id}.${field?.key ?? column.name}`;
  const params = { kind: field?.kind.id, from, to: column.type };
  const message = `${path} is now of kind ${params.kind} (${column.type}), but its data are ${from}, which do not convert. Give the new field another key.`;
  return { path, code: 'catalog.kind_changed', message, params };
}

function isSame(from: string, wanted: string): boolean {
  const full = canonicalType(wanted);
  return from === full || from.replaceAll('"', '') === full.replaceAll('"', '');
}

function fieldOf(entity: EntityModel, column: string): FieldModel | undefined {
  return ownFields(entity).find((field) => field.kind.columns(field).some(({ name }) => name === column));
}

/**
 * Fields whose values stand where the new kind does not look: a column of the plain name that it has not, a table of links.
 * Without this they would seem empty.
 */
function movedLayouts(shape: DatabaseShape, entity: EntityModel): Issue[] {
  const columns = unusedColumns(shape.tables.get(entity.tableName), entity);
  const links = linkTables(shape).filter((table) => table.startsWith(entity.tableName.slice(0, 40)));
  // There is nothing of the kind in most entities, and making the names for all fields takes a while.
  if (columns.size === 0 && links.length === 0) return [];
  return ownFields(entity).flatMap((field) => {
    const isColumn = columns.has(columnName(field.key));
    const isLinks = field.kind.relation !== 'many' && links.includes(joinTableName(entity.id, field.key));
    if (!isColumn && !isLinks) return [];
    const path = `${entity.id}.${field.key}`;
    const message = `${path} is now of kind ${field.kind.id}, whose values stand elsewhere than the ones it holds. Give the new field another key, or purge the old one first.`;
    return [{ path, code: 'catalog.kind_changed', message, params: { kind: field.kind.id } }];
  });
}

/** Columns that stand and that no field has, system columns left out. */
function unusedColumns(stands: TableShape | undefined, entity: EntityModel): Set<string> {
  const unused = new Set(stands?.columns.keys());
  for (const { name } of systemColumns) unused.delete(name);
  for (const field of ownFields(entity)) for (const { name } of fieldColumns(field)) unused.delete(name);
  return unused;
}

const linksOf = new WeakMap<DatabaseShape['tables'], readonly string[]>();

/** Names of the tables that look like those of links. */
function linkTables({ tables }: DatabaseShape): readonly string[] {
  const known =
    linksOf.get(tables) ??
    [...tables].flatMap(([name, { columns }]) =>
      joinTableColumns.every((column) => columns.has(column.name)) ? [name] : [],
    );
  linksOf.set(tables, known);
  return known;
}
