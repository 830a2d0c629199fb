import type { Issue } from '../../base/errors.js';
import { invalid } from '../../base/errors.js';
import type { EntityModel, FieldModel, SchemaModel } from '../../schema/index.js';
import { joinTableName, quoteName } from '../../schema/index.js';
import { joinTableColumns, ownFields, type WantedColumn } from './columns.js';
import { planConversions, type ConversionsInput } from './convert.js';
import { createIndexSql, ginOver, joinTableIndexes, wantedIndexes, type WantedIndex } from './indexes.js';
import { bareSequenceName, indexName, qualified, shortHash } from './names.js';
import { planNumbers } from './numbers.js';
import { pinnedFields, placeFields, type Placement } from './placement.js';
import { planPurge } from './purge.js';
import type { RollupSet } from './rollup/function.js';
import { planRollups, rollupIndexes, rollupSets } from './rollup/plan.js';
import type { DatabaseShape, TableShape } from './shape.js';
import { makeStep, type DdlStep } from './step.js';

export interface DdlOptions {
  /** Quoted display collation of the workspace, from `displayCollation`. */
  readonly collation: string;
  /** IANA zone of the workspace, in which a conversion reads dates as instants and back; absent: UTC. */
  readonly zone?: string;
  /** Retired fields whose columns, history and numbers go for good; their keys are free in the same plan. */
  readonly purged?: readonly FieldModel[];
  /** Retired entities whose tables go for good. */
  readonly purgedEntities?: readonly EntityModel[];
}

/** A table up to this size gets its indexes at once; they take milliseconds. */
const smallTableBytes = 1 << 20;

/**
 * The statements that bring the data schema to what the entities say, in order: what is purged, sequences, tables, columns,
 * indexes, triggers of rollups. Drops nothing else but indexes and functions that Trellis made and no longer wants.
 * Throws catalog.not_storable with one issue a finding: catalog.kind_changed, catalog.conversion_unprepared
 * (see `planInStages`), catalog.values_lost, catalog.duplicates, catalog.too_many_columns, catalog.row_too_wide,
 * catalog.field_overflows.
 */
export function planDdl(shape: DatabaseShape, schema: SchemaModel, options: DdlOptions): DdlStep[] {
  const purge = planPurge(shape, options.purged ?? [], options.purgedEntities ?? []);
  const sets = rollupSets(schema);
  const issues: Issue[] = [];
  const tables: DdlStep[] = [];
  for (const input of conversionsInputs(purge.shape, schema, options, sets)) {
    const planned = planEntity(input);
    issues.push(...planned.issues);
    tables.push(...planned.steps);
  }
  if (issues.length > 0)
    throw invalid('catalog.not_storable', issues.map((issue) => issue.message).join(' '), { issues });
  return [...purge.steps, ...tables, ...planRollups(purge.shape, sets), ...planNumbers(purge.shape, schema)];
}

/** What the tables of each entity are planned from. */
export function* conversionsInputs(
  shape: DatabaseShape,
  schema: SchemaModel,
  options: DdlOptions,
  sets: readonly RollupSet[] = rollupSets(schema),
): Generator<ConversionsInput> {
  const pinned = pinnedFields(schema);
  const joined = rollupIndexes(sets);
  for (const entity of schema.entities.values()) {
    const placement = placeFields(shape, entity, pinned.get(entity.id) ?? new Set());
    const indexes = [
      ...wantedIndexes(entity, options.collation, placement.overflowing),
      ...overflowIndexes(entity, placement),
      ...(joined.get(entity.tableName) ?? []),
    ];
    yield { shape, entity, placement, zone: options.zone ?? 'UTC', indexes };
  }
}

function planEntity(input: ConversionsInput): { steps: DdlStep[]; issues: readonly Issue[] } {
  const { entity, placement, indexes } = input;
  const { shape, steps: conversions, issues } = planConversions(input);
  const links = ownFields(entity).filter((field) => field.kind.relation === 'many');
  const steps = [
    ...sequences(shape, entity),
    ...conversions,
    ...placement.tables.flatMap(({ table, columns }) =>
      planTable(shape, entity.id, {
        table,
        columns,
        indexes: dedupe(indexes.filter((index) => index.table === table)),
        constraint: '',
      }),
    ),
    ...links.flatMap((field) =>
      planTable(shape, entity.id, {
        table: joinTableName(entity.id, field.key),
        columns: joinTableColumns,
        indexes: joinTableIndexes(entity, field),
        constraint: ', primary key (source_id, target_id, label)',
      }),
    ),
  ];
  return { steps, issues: [...placement.issues, ...issues] };
}

interface WantedTable {
  readonly table: string;
  readonly columns: readonly WantedColumn[];
  readonly indexes: readonly WantedIndex[];
  readonly constraint: string;
}

const emptyTable: TableShape = {
  columns: new Map(),
  indexes: new Map(),
  triggers: new Map(),
  columnNumbers: 0,
  bytes: 0,
  rows: 0,
};

function planTable(shape: DatabaseShape, entity: string, wanted: WantedTable): DdlStep[] {
  const { table, columns, constraint } = wanted;
  const existing = shape.tables.get(table);
  const stands = existing ?? emptyTable;
  const made =
    existing === undefined
      ? [
          makeStep(
            { kind: 'create', entity, table, lock: 'NONE' },
            (schema) =>
              `create table ${qualified(table, schema)} (${columns.map(createColumn).join(', ')}${constraint})`,
          ),
        ]
      : alterTable(existing, entity, table, columns);
  const building = new Set([...shape.conversions.values()].flatMap(({ indexes }) => indexes.map(({ name }) => name)));
  return [...made, ...indexSteps(stands, entity, wanted), ...staleIndexes(stands, entity, wanted, building)];
}

function createColumn(column: WantedColumn): string {
  const rest = column.constraint ?? (column.defaultSql === undefined ? '' : `default ${column.defaultSql}`);
  return `${quoteName(column.name)} ${column.type}${rest === '' ? '' : ` ${rest}`}`;
}

/**
 * All new columns and defaults of a table in one statement: one short lock, no rewrite. A default is set after the column is there,
 * so that rows which stand keep null.
 */
function alterTable(existing: TableShape, entity: string, table: string, columns: readonly WantedColumn[]): DdlStep[] {
  const added = columns
    .filter((column) => !existing.columns.has(column.name))
    .map(({ name, type, constraint }) => `add column ${createColumn({ name, type, constraint })}`);
  const defaults = columns
    .filter(({ name, constraint, defaultSql }) => {
      const stands = existing.columns.get(name);
      return constraint === undefined && (stands?.defaultSql ?? null) !== (defaultSql ?? null);
    })
    .map(({ name, defaultSql }) =>
      defaultSql === undefined
        ? `alter column ${quoteName(name)} drop default`
        : `alter column ${quoteName(name)} set default ${defaultSql}`,
    );
  const clauses = [...added, ...defaults];
  if (clauses.length === 0) return [];
  return [
    makeStep(
      { kind: 'alter', entity, table, lock: 'ACCESS EXCLUSIVE', rows: existing.rows, adds: true },
      (schema) => `alter table ${qualified(table, schema)} ${clauses.join(', ')}`,
    ),
  ];
}

function indexSteps(existing: TableShape, entity: string, { table, indexes }: WantedTable): DdlStep[] {
  return indexes
    .filter((index) => existing.indexes.get(index.name)?.valid !== true)
    .map((index) => {
      const broken = existing.indexes.has(index.name);
      // Duplicates in existing rows must not fail the whole change: a unique is built apart.
      const concurrent = broken || existing.bytes > smallTableBytes || (index.unique && existing.bytes > 0);
      const step = makeStep(
        {
          kind: 'index',
          entity,
          table,
          lock: concurrent ? 'SHARE UPDATE EXCLUSIVE' : existing.bytes > 0 ? 'SHARE' : 'NONE',
          rows: existing.rows,
          blocking: !concurrent && existing.bytes > 0,
          concurrent,
          adds: true,
          index: index.name,
        },
        (schema) => createIndexSql(index, false, schema),
      );
      return concurrent ? { ...step, sql: createIndexSql(index, true) } : step;
    });
}

/** Indexes of ours (`$` in the name) that nothing wants any longer: each costs every write. */
function staleIndexes(
  existing: TableShape,
  entity: string,
  { table, indexes }: WantedTable,
  building: ReadonlySet<string>,
): DdlStep[] {
  const wanted = new Set([...building, ...indexes.map((index) => index.name)]);
  return [...existing.indexes.keys()]
    .filter((name) => name.includes('$') && !name.endsWith('_pkey') && !wanted.has(name))
    .map((name) =>
      makeStep(
        { kind: 'drop', entity, table, lock: 'ACCESS EXCLUSIVE', rows: existing.rows, index: name },
        (schema) => `drop index if exists ${qualified(name, schema)}`,
      ),
    );
}

/** On an overflow table only what is asked for by name: the newest first and the living are not told there. */
function overflowIndexes(entity: EntityModel, { tables }: Placement): WantedIndex[] {
  return tables
    .filter(({ place }) => place > 0)
    .flatMap(({ table, columns }) => {
      const standing = new Set(columns.map(({ name }) => name));
      return ownFields(entity)
        .filter((field) => field.index === true && !field.retired)
        .filter((field) => field.kind.columns(field).every(({ name }) => standing.has(name)))
        .flatMap((field) => plainIndex(table, field));
    });
}

function plainIndex(table: string, field: FieldModel): WantedIndex[] {
  const [column] = field.kind.columns(field);
  if (column === undefined) return [];
  const isArray = column.type.endsWith('[]');
  const body = isArray ? ginOver(quoteName(column.name)) : `(${quoteName(column.name)})`;
  if (!isArray && field.kind.indexSql(field) === null) return [];
  return [{ name: indexName(table, 'ix', shortHash(body)), table, unique: false, body }];
}

/** The same columns asked for twice (by policy, by hand, by a rollup) make one index. */
function dedupe(indexes: readonly WantedIndex[]): WantedIndex[] {
  return [...new Map(indexes.map((index) => [`${String(index.unique)} ${index.body}`, index])).values()];
}

function sequences(shape: DatabaseShape, entity: EntityModel): DdlStep[] {
  return ownFields(entity)
    .filter((field) => field.kind.insertSql !== undefined)
    .map((field) => bareSequenceName(entity.tableName, field))
    .filter((name) => !shape.sequences.has(name))
    .map((name) =>
      makeStep(
        { kind: 'create', entity: entity.id, table: entity.tableName, lock: 'NONE' },
        (schema) => `create sequence if not exists ${qualified(name, schema)}`,
      ),
    );
}
