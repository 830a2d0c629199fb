import { joinTableName, overflowKey, type SchemaModel } from '../schema/index.js';
import { wantedColumns } from './ddl/columns.js';
import { tablesOf } from './ddl/placement.js';
import { planDdl } from './ddl/plan.js';
import { shadowPrefix } from './ddl/shadow.js';
import { readShape, type DatabaseShape } from './ddl/shape.js';
import { error, ok, warning, type Finding } from './finding.js';
import type { Database } from './types.js';

/** What the comparison needs; `schema` null: the catalog could not be loaded. */
export interface TablesInput {
  readonly db: Database;
  readonly schema: SchemaModel | null;
  /** Quoted display collation of the workspace. */
  readonly collation: string;
}

/** Compares tables, columns, types, indexes, functions, triggers and sequences with what the catalog says. */
export async function checkTables({ db, schema, collation }: TablesInput): Promise<Finding[]> {
  if (schema === null)
    return [warning('doctor.no_catalog', 'The catalog could not be loaded: tables were not compared with it.')];
  const shape = await db.transaction((tx) => readShape(tx));
  const differences = planDdl(shape, schema, { collation }).map((step) => {
    const of = step.entity === '' ? step.table : step.entity;
    if (step.kind === 'drop')
      return warning('doctor.left_over', `${of} keeps what nothing wants: ${step.sql}.`, startHint);
    const what = step.kind === 'index' ? `lacks a valid index ${step.index}` : `lacks ${step.sql.slice(0, 160)}`;
    return error('doctor.table_differs', `${of} ${what}.`, startHint);
  });
  return [
    ...(differences.length === 0
      ? [
          ok(
            'doctor.tables',
            `The tables of ${schema.entities.size} ${schema.entities.size === 1 ? 'entity' : 'entities'} are as the catalog says.`,
          ),
        ]
      : differences),
    ...leftColumns(shape, schema),
    ...leftTables(shape, schema),
  ];
}

const startHint = 'The next change of the catalog mends it; for an index see also trellis.index_state.';

/** Columns that no field uses any more: kept on purpose until they are purged, but good to know of. */
function leftColumns(shape: DatabaseShape, schema: SchemaModel): Finding[] {
  return [...schema.entities.values()].flatMap((entity) => {
    const tables = tablesOf(shape, entity.tableName);
    const wanted = new Set([
      ...wantedColumns(entity).map((column) => column.name),
      ...tables.map((_table, n) => overflowKey(n)),
    ]);
    const left = tables
      .flatMap((table) => [...(shape.tables.get(table)?.columns.keys() ?? [])])
      .filter((name) => !wanted.has(name));
    return left.length === 0
      ? []
      : [ok('doctor.columns_unused', `${entity.id} keeps the data of retired fields: ${left.join(', ')}.`)];
  });
}

/** Tables of retired entities and links. */
function leftTables(shape: DatabaseShape, schema: SchemaModel): Finding[] {
  const wanted = new Set(
    [...schema.entities.values()].flatMap((entity) => [
      ...tablesOf(shape, entity.tableName),
      ...[...entity.fields.values()]
        .filter((field) => field.kind.relation === 'many')
        .map((field) => joinTableName(entity.id, field.key)),
    ]),
  );
  const left = [...shape.tables.keys()].filter((table) => !wanted.has(table));
  return left.length === 0
    ? []
    : [ok('doctor.tables_unused', `Tables that keep the data of retired entities and links: ${left.join(', ')}.`)];
}

/** What was to be done after a change of the tables and is not yet; copies of tables that a trial left. */
export async function checkStorageWork({ db }: Pick<TablesInput, 'db'>): Promise<Finding[]> {
  const tasks = await db.query<{ key: string; done: string; total: string }>({
    text: `select key, done, total from trellis.storage_task where state = 'pending' order by key`,
    values: [],
  });
  const shadows = await db.query<{ name: string }>({
    text: `select nspname as name from pg_namespace where nspname ~ '^${shadowPrefix}[0-9a-f]{12}$' order by 1`,
    values: [],
  });
  return [
    ...tasks.map(({ key, done, total }) =>
      warning(
        'doctor.task_pending',
        `${key} is still to be done (${done} of about ${total}).`,
        'A running Trellis does it; see Settings, Jobs.',
      ),
    ),
    ...shadows.map(({ name }) =>
      warning('doctor.shadow_left', `The schema ${name} is left of a trial.`, `Run: drop schema ${name} cascade`),
    ),
  ];
}
