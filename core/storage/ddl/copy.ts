import type { EntityModel } from '../../schema/index.js';
import { quoteName } from '../../schema/index.js';
import type { ConversionSql } from './conversion-sql.js';
import { createIndexSql, type WantedIndex } from './indexes.js';
import { indexName, literal, qualified, shortHash } from './names.js';
import type { ColumnConversion, TableShape } from './shape.js';
import { makeKernelStep, makeStep, type Conversion, type DdlStep, type StepFacts } from './step.js';

/** A column of a large table that gets another type by a copy beside it. */
export interface CopyInput {
  readonly entity: EntityModel;
  /** Key of the field. */
  readonly field: string;
  readonly table: string;
  readonly column: string;
  /** Column of the table's primary key. */
  readonly key: string;
  readonly from: string;
  readonly to: string;
  /** SQL of the values, made from SQL of the old ones. */
  readonly sqlOf: (value: string) => ConversionSql;
  /** All indexes that the table is to have afterwards. */
  readonly indexes: readonly WantedIndex[];
  readonly stands: TableShape;
}

/** SQLSTATE by which the trigger refuses a value that would be lost; `databaseError` names it. */
export const kindChangingState = 'TK001';

/** The conversion as its task will describe it, with the statements that the task runs. */
export function describeCopy(input: CopyInput): ColumnConversion & { readonly payload: object } {
  const { entity, table, column, stands } = input;
  const sql = input.sqlOf(quoteName(column));
  const hash = shortHash(JSON.stringify([input.to, sql.value]));
  const copy = `${column.slice(0, 50)}$${hash}`;
  const indexes = input.indexes
    .filter((index) => index.table === table && reads(index, column))
    .map((index) => {
      const body = index.body.replaceAll(quoteName(column), quoteName(copy));
      const name = indexName(table, 'to', shortHash(`${index.name} ${body}`));
      return { name, as: index.name, unique: index.unique, definition: createIndexSql({ ...index, name, body }, true) };
    });
  const facts = { table, column, copy, trigger: indexName(table, 'convert', column), indexes };
  const described = {
    key: `convert:${table}.${column}`,
    hash,
    state: 'pending',
    entity: entity.id,
    failed: [],
  } as const;
  return {
    ...described,
    ...facts,
    payload: { ...facts, primary: input.key, value: sql.value, lost: sql.lost, rows: stands.rows },
  };
}

/** True where an index is over a column. */
export function reads({ body }: WantedIndex, column: string): boolean {
  return body.includes(quoteName(column));
}

/**
 * What makes ready: the column beside the old one, the trigger that keeps it in step with every write and refuses what would be
 * lost, and the task that copies what stands. Two short locks; nothing is read.
 */
export function prepareSteps(input: CopyInput, conversion: Conversion): DdlStep[] {
  const { entity, table, column, stands } = input;
  const { key, copy, trigger, hash, payload } = describeCopy(input);
  const rows = Math.round(stands.rows);
  const facts = { entity: entity.id, table, rows } as const;
  const made = input.sqlOf(`new.${quoteName(column)}`);
  const kind = entity.fields.get(input.field)?.kind.id ?? input.to;
  const words = `This field is being changed to the kind ${kind}, which has no such value.`;
  return [
    makeStep(
      { ...facts, kind: 'alter', lock: 'ACCESS EXCLUSIVE', conversion },
      (schema) => `alter table ${qualified(table, schema)} add column ${quoteName(copy)} ${input.to}`,
    ),
    makeStep(
      { ...facts, kind: 'function', lock: 'NONE' },
      (schema) =>
        `create or replace function ${qualified(trigger, schema)}() returns trigger language plpgsql as $convert$
begin
  if ${made.lost} then
    raise exception using errcode = '${kindChangingState}', message = ${literal(words)}, column = ${literal(input.field)};
  end if;
  new.${quoteName(copy)} := ${made.value};
  return new;
end
$convert$`,
    ),
    makeStep(
      { ...facts, kind: 'function', lock: 'SHARE ROW EXCLUSIVE' },
      (schema) =>
        `create or replace trigger ${quoteName(trigger)} before insert or update of ${quoteName(column)} on ${qualified(table, schema)} for each row execute function ${qualified(trigger, schema)}()`,
    ),
    makeKernelStep(
      { ...facts, kind: 'function', lock: 'NONE' },
      `insert into trellis.storage_task (key, kind, entity, hash, payload, total) values (${literal(key)}, 'convert-column', ${literal(entity.id)}, '${hash}', ${literal(JSON.stringify(payload))}::jsonb, ${rows})`,
    ),
  ];
}

/** The copy takes the old column's place, its indexes those of the old ones: names only, whatever the size of the table. */
export function switchSteps(input: CopyInput, ready: ColumnConversion): { steps: DdlStep[]; after: TableShape } {
  const { entity, table, column, stands } = input;
  const { copy } = ready;
  const facts: StepFacts = { kind: 'alter', entity: entity.id, table, lock: 'ACCESS EXCLUSIVE', rows: stands.rows };
  const going = [...stands.indexes].filter(([, index]) => index.columns.includes(column)).map(([name]) => name);
  const built = ready.indexes.filter(({ name }) => stands.indexes.get(name)?.valid === true);
  const definitions = new Map(input.indexes.map((index) => [index.name, createIndexSql(index, true)]));
  const steps = [
    ...going.map((index) =>
      makeStep({ ...facts, kind: 'drop', index }, (schema) => `drop index if exists ${qualified(index, schema)}`),
    ),
    ...withoutTrigger(ready, facts),
    makeStep(
      { ...facts, kind: 'drop' },
      (schema) => `alter table ${qualified(table, schema)} drop column ${quoteName(column)}`,
    ),
    makeStep(
      facts,
      (schema) => `alter table ${qualified(table, schema)} rename column ${quoteName(copy)} to ${quoteName(column)}`,
    ),
    ...built.map(({ name, as }) =>
      makeStep(
        { ...facts, kind: 'index', index: as, definition: definitions.get(as) },
        (schema) => `alter index if exists ${qualified(name, schema)} rename to ${quoteName(as)}`,
      ),
    ),
    forget(ready, facts),
  ];
  const gone = new Set([...going, ...ready.indexes.map(({ name }) => name)]);
  const columns = new Map([...stands.columns].filter(([name]) => name !== copy));
  columns.set(column, { type: stands.columns.get(copy)?.type ?? input.to, notNull: false });
  const indexes = new Map([...stands.indexes].filter(([name]) => !gone.has(name)));
  for (const { as, unique } of built) indexes.set(as, { valid: true, unique, columns: [column] });
  return { steps, after: { ...stands, columns, indexes } };
}

/** Takes back what was made ready; the old column stays as it is. */
export function abandonSteps(conversion: ColumnConversion, stands: TableShape): DdlStep[] {
  const { entity, table, copy, indexes } = conversion;
  const facts: StepFacts = { kind: 'drop', entity, table, lock: 'ACCESS EXCLUSIVE', rows: stands.rows };
  return [
    ...withoutTrigger(conversion, facts),
    ...indexes.map(({ name }) =>
      makeStep({ ...facts, index: name }, (schema) => `drop index if exists ${qualified(name, schema)}`),
    ),
    makeStep(facts, (schema) => `alter table ${qualified(table, schema)} drop column if exists ${quoteName(copy)}`),
    forget(conversion, facts),
  ];
}

function withoutTrigger({ table, trigger }: ColumnConversion, facts: StepFacts): DdlStep[] {
  return [
    makeStep(
      { ...facts, kind: 'drop' },
      (schema) => `drop trigger if exists ${quoteName(trigger)} on ${qualified(table, schema)}`,
    ),
    makeStep(
      { ...facts, kind: 'drop', lock: 'NONE' },
      (schema) => `drop function if exists ${qualified(trigger, schema)}()`,
    ),
  ];
}

function forget({ key, indexes }: ColumnConversion, facts: StepFacts): DdlStep {
  const names = `array[${indexes.map(({ name }) => literal(name)).join(', ')}]::text[]`;
  return makeKernelStep(
    { ...facts, kind: 'drop', lock: 'NONE' },
    `with gone as (delete from trellis.index_state where name = any(${names})) delete from trellis.storage_task where key = ${literal(key)}`,
  );
}
