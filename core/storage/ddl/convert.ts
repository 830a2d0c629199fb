import type { Issue } from '../../base/errors.js';
import type { EntityModel, FieldModel } from '../../schema/index.js';
import { columnName, joinTableName, quoteName } from '../../schema/index.js';
import { fieldColumns, ownFields, type WantedColumn } from './columns.js';
import { conversionSql } from './conversion-sql.js';
import { qualified } from './names.js';
import type { Placement } from './placement.js';
import { canonicalType, type DatabaseShape, type TableShape } from './shape.js';
import { makeStep, type DdlStep } from './step.js';

/** Bytes of a table whose rows are rewritten within the change: some ten thousand, a few tenths of a second. */
const rewriteLimit = 2 << 20;

/**
 * Changes of kind that change a column. Between text types nothing is rewritten; other conversions rewrite a small table within
 * the change. Indexes on the column go first and are made anew. The shape that is answered is the one afterwards.
 * Issues: catalog.kind_changed where no value converts, catalog.conversion_too_large.
 */
export function planConversions(
  shape: DatabaseShape,
  entity: EntityModel,
  placement: Placement,
  zone: string,
): { shape: DatabaseShape; steps: DdlStep[]; issues: Issue[] } {
  const steps: DdlStep[] = [];
  const issues: Issue[] = [...movedLayouts(shape, entity)];
  const changed = new Map<string, TableShape>();
  for (const { table, columns } of placement.tables) {
    const stands = shape.tables.get(table);
    if (stands === undefined) continue;
    let after = stands;
    for (const column of columns) {
      const from = stands.columns.get(column.name)?.type;
      if (from === undefined || isSame(from, column.type)) continue;
      const planned = convert({ entity, table, column, from, stands: after, zone });
      if ('code' in planned) issues.push(planned);
      else {
        steps.push(...planned.steps);
        after = planned.after;
      }
    }
    if (after !== stands) changed.set(table, after);
  }
  if (changed.size === 0) return { shape, steps, issues };
  return { shape: { ...shape, tables: new Map([...shape.tables, ...changed]) }, steps, issues };
}

interface ConvertInput {
  readonly entity: EntityModel;
  readonly table: string;
  readonly column: WantedColumn;
  readonly from: string;
  readonly stands: TableShape;
  readonly zone: string;
}

function convert(input: ConvertInput): { steps: DdlStep[]; after: TableShape } | Issue {
  const { entity, table, column, from, stands, zone } = input;
  const to = canonicalType(column.type);
  const field = fieldOf(entity, column.name);
  const path = `${entity.id}.${field?.key ?? column.name}`;
  const params = { kind: field?.kind.id, from, to: column.type };
  const name = quoteName(column.name);
  const sql = conversionSql({ from, to, value: name, zone });
  if (sql === null) {
    const message = `${path} is now of kind ${params.kind} (${column.type}), but its data are ${from}, which do not convert. Give the new field another key.`;
    return { path, code: 'catalog.kind_changed', message, params };
  }
  if (!sql.isRelabel && stands.bytes > rewriteLimit) {
    const message = `${path} holds about ${stands.rows} values as ${from}; to keep them as ${column.type} the whole table would be rewritten under a lock. Make a field of the new kind, copy the values by a bulk change or an import, then retire this one.`;
    return { path, code: 'catalog.conversion_too_large', message, params: { ...params, rows: stands.rows } };
  }
  const indexes = [...stands.indexes]
    .filter(([, index]) => index.columns.includes(column.name))
    .map(([index]) => index);
  const facts = { entity: entity.id, table, lock: 'ACCESS EXCLUSIVE', rows: stands.rows } as const;
  const drops = indexes.map((index) =>
    makeStep({ ...facts, kind: 'drop', index }, (schema) => `drop index if exists ${qualified(index, schema)}`),
  );
  const lost = `select count(*)::int as n, (array_agg(left(${name}::text, 60)))[1:5] as samples from ${qualified(table)} where ${sql.lost}`;
  const alter = makeStep(
    {
      ...facts,
      kind: 'alter',
      blocking: !sql.isRelabel && stands.bytes > 0,
      ...(sql.isRelabel ? {} : { conversion: { field: field?.key ?? column.name, from, to: column.type, lost } }),
    },
    (schema) =>
      `alter table ${qualified(table, schema)} alter column ${name} drop default, alter column ${name} type ${column.type} using ${sql.value}`,
  );
  const after: TableShape = {
    ...stands,
    columns: new Map([...stands.columns, [column.name, { type: to, notNull: false }]]),
    indexes: new Map([...stands.indexes].filter(([index]) => !indexes.includes(index))),
  };
  return { steps: [...drops, alter], after };
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
  const stands = shape.tables.get(entity.tableName);
  const used = new Set(ownFields(entity).flatMap((field) => fieldColumns(field).map(({ name }) => name)));
  return ownFields(entity).flatMap((field) => {
    const plain = columnName(field.key);
    const isColumn = stands?.columns.has(plain) === true && !used.has(plain);
    const isLinks = field.kind.relation !== 'many' && shape.tables.has(joinTableName(entity.id, field.key));
    if (!isColumn && !isLinks) return [];
    const path = `${entity.id}.${field.key}`;
    const message = `${path} is now of kind ${field.kind.id}, whose values stand elsewhere than the ones it holds. Give the new field another key, or purge the old one first.`;
    return [{ path, code: 'catalog.kind_changed', message, params: { kind: field.kind.id } }];
  });
}
