import { quoteName, type SchemaModel } from '../../schema/index.js';
import { fieldColumns, ownFields } from './columns.js';
import { bareSequenceName, literal, qualified, sequenceName } from './names.js';
import type { DatabaseShape } from './shape.js';
import { makeKernelStep, type DdlStep } from './step.js';

/** What a `fill-number` task does: the rows of a table without a number get one, oldest first. */
export interface NumberPayload {
  readonly table: string;
  readonly column: string;
  /** Expression that counts and gives the next number. */
  readonly next: string;
}

/**
 * Records that stand when a field of them begins to count get their numbers by a job, in the order in which they were made. Records
 * that are made meanwhile count along. Tasks of fields that are no more go.
 */
export function planNumbers(shape: DatabaseShape, schema: SchemaModel): DdlStep[] {
  const wanted = new Set<string>();
  const steps: DdlStep[] = [];
  for (const entity of schema.entities.values()) {
    const stands = shape.tables.get(entity.tableName);
    for (const field of ownFields(entity)) {
      if (field.kind.insertSql === undefined) continue;
      const [{ name: column }] = fieldColumns(field);
      const key = `number:${entity.tableName}.${column}`;
      wanted.add(key);
      const isNew = !shape.sequences.has(bareSequenceName(entity.tableName, field));
      if (!stands || !isNew || stands.columns.has(column)) continue;
      const next = field.kind.insertSql(field, sequenceName(entity, field));
      const payload: NumberPayload = { table: entity.tableName, column, next };
      steps.push(
        makeKernelStep(
          { kind: 'function', entity: entity.id, table: entity.tableName, lock: 'NONE', rows: stands.rows },
          `insert into trellis.storage_task (key, kind, entity, hash, payload, total) values (${literal(key)}, 'fill-number', ${literal(entity.id)}, '1', ${literal(JSON.stringify(payload))}::jsonb, ${Math.max(0, Math.round(stands.rows))}) on conflict (key) do update set payload = excluded.payload, state = 'pending', position = null, done = 0, total = excluded.total, updated_at = now()`,
        ),
      );
    }
  }
  const gone = [...shape.tasks.keys()].filter((key) => key.startsWith('number:') && !wanted.has(key));
  return [
    ...steps,
    ...gone.map((key) =>
      makeKernelStep(
        { kind: 'function', entity: '', table: 'storage_task', lock: 'NONE' },
        `delete from trellis.storage_task where key = ${literal(key)}`,
      ),
    ),
  ];
}

/** SQL that numbers the next rows behind a place, `$1` (`<created_at> <id>`, null: the beginning); gives the place where it ended and how many it met. */
export function numberPieceSql({ table, column, next }: NumberPayload, size: number): string {
  const own = quoteName(column);
  // The ids are brought into order before they are counted: a number must not hang on the plan of the statement.
  return `with piece as materialized (select t.id, t.created_at from ${qualified(table)} t where ${own} is null and ($1::text is null or (t.created_at, t.id) > (split_part($1, ' ', 1)::timestamptz, split_part($1, ' ', 2)::uuid)) order by t.created_at, t.id limit ${size} for no key update),
ordered as materialized (select id, created_at from piece order by created_at, id),
numbered as materialized (select id, ${next} as number from ordered),
written as (update ${qualified(table)} t set ${own} = n.number from numbered n where t.id = n.id)
select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || id as position, (select count(*)::int from piece) as done from ordered order by created_at desc, id desc limit 1`;
}
