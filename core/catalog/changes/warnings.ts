import { quoteName, type EntityModel, type FieldModel, type SchemaModel } from '../../schema/index.js';
import { pgCode, type Database } from '../../storage/index.js';
import type { Prepared } from './prepare.js';
import type { ChangePlan } from './types.js';
import { widenedWarnings } from './widened-warnings.js';

type Warning = ChangePlan['warnings'][number];

/** A question to the rows of an entity: how many of them would be concerned. */
interface Question {
  readonly entity: EntityModel;
  readonly field: FieldModel;
  readonly code: string;
  /** SQL over the table's columns. */
  readonly where: string;
  readonly values: readonly unknown[];
  readonly say: (rows: string) => string;
  /** What the words name beside the field. */
  readonly more?: Readonly<Record<string, unknown>>;
}

const counted = 10_000;
const timeoutMs = 1_500;
/** For all questions together; what is not asked by then is told as unknown. */
const budgetMs = 6_000;

/** What apply would do to the rows: values that a removed option, a narrower validation or a new duty leaves behind. */
export async function findWarnings(db: Database, prepared: Prepared): Promise<Warning[]> {
  const warnings: Warning[] = [];
  const began = performance.now();
  for (const question of questionsOf(prepared)) {
    const rows = performance.now() - began < budgetMs ? await countRows(db, question) : null;
    if (rows === 0) continue;
    const words =
      rows === null
        ? 'an unknown number of records'
        : rows > counted
          ? `more than ${counted} records`
          : `${rows} record${rows === 1 ? '' : 's'}`;
    warnings.push({
      code: question.code,
      message: question.say(words),
      params: { entity: question.entity.id, field: question.field.key, rows, atMost: counted, ...question.more },
    });
  }
  for (const { entity, field } of prepared.composed.purges)
    warnings.push({
      code: 'catalog.purged',
      message: `The data of ${field === '' ? entity : `${entity}.${field}`} will be gone for good; this cannot be taken back.`,
      params: { entity, field },
    });
  return [...widenedWarnings(prepared), ...warnings, ...takenCurrencies(prepared)];
}

/** Rollups of amounts that can no longer say their currency: a field of the author's has its key. */
function takenCurrencies({ standing, after, composed }: Prepared): Warning[] {
  const isTaken = (schema: SchemaModel, entity: string, key: string): boolean =>
    nextOf(schema, entity, key)?.rollup?.isCurrencyTaken === true;
  return composed.touched
    .filter(({ type }) => type === 'entity')
    .flatMap(({ id }) => [...(after.schema.entities.get(id)?.fields.values() ?? [])])
    .filter(({ entity, key }) => isTaken(after.schema, entity, key) && !isTaken(standing.catalog.schema, entity, key))
    .map(({ entity, key }) => ({
      code: 'catalog.currency_taken',
      message: `${entity}.${key} does not show its currency: "${key}Currency" is a field of its own.`,
      params: { entity, field: key },
    }));
}

function questionsOf({ standing, after, composed }: Prepared): Question[] {
  const questions: Question[] = [];
  for (const { type, id } of composed.touched) {
    const before = type === 'entity' ? standing.catalog.schema.entities.get(id) : undefined;
    if (!before) continue;
    for (const field of before.fields.values()) {
      if (!field.system) questions.push(...fieldQuestions(before, field, nextOf(after.schema, id, field.key)));
    }
  }
  return questions.slice(0, 200);
}

function nextOf(schema: SchemaModel, entity: string, key: string): FieldModel | undefined {
  return schema.entities.get(entity)?.fields.get(key);
}

function fieldQuestions(entity: EntityModel, field: FieldModel, next: FieldModel | undefined): Question[] {
  const [column] = field.kind.columns(field);
  if (!column) return [];
  const name = quoteName(column.name);
  const path = `${entity.title} · ${field.title}`;
  const ask = (code: string, where: string, values: readonly unknown[], say: Question['say']): Question => ({
    entity,
    field,
    code,
    where,
    values,
    say,
  });
  if (!next || (next.retired && !field.retired))
    return [
      ask(
        'catalog.field_retired',
        `${name} is not null`,
        [],
        (rows) => `${path}: ${rows} with a value that is no longer shown.`,
      ),
    ];
  const questions: Question[] = [];
  const left = goneOptions(field, next);
  if (left.length > 0)
    questions.push({
      ...ask(
        'catalog.option_in_use',
        column.type.endsWith('[]') ? `${name} && $1::text[]` : `${name} = any($1::text[])`,
        [left],
        (rows) => `${path}: ${rows} with an option that is removed (${left.slice(0, 5).join(', ')}).`,
      ),
      more: { options: left.slice(0, 5) },
    });
  if (next.required && !field.required)
    questions.push(
      ask(
        'catalog.required_empty',
        `${name} is null`,
        [],
        (rows) => `${path}: ${rows} without a value, which is needed at the next change.`,
      ),
    );
  questions.push(...limitQuestions(ask, path, name, column.type, field, next));
  if (next.unique && !field.unique)
    questions.push(
      ask(
        'catalog.duplicates',
        `${name} is not null and exists (select 1 from ${entity.source} d where d.${name} = t.${name} and d.id <> t.id and d.deleted_at is null)`,
        [],
        (rows) => `${path}: ${rows} with a value that another has; until they differ, duplicates are not refused.`,
      ),
    );
  return questions;
}

function goneOptions(field: FieldModel, next: FieldModel): string[] {
  if (field.options.length === 0) return [];
  const kept = new Set(next.options.map(({ value }) => value));
  return field.options.map(({ value }) => value).filter((value) => !kept.has(value));
}

function limitQuestions(
  ask: (code: string, where: string, values: readonly unknown[], say: Question['say']) => Question,
  path: string,
  name: string,
  type: string,
  field: FieldModel,
  next: FieldModel,
): Question[] {
  const say = (rows: string): string =>
    `${path}: ${rows} beyond the new limits; such values stay until they are next changed.`;
  const one = (key: string, where: string): Question[] => {
    const limit = next.schema[key];
    return typeof limit === 'number' && limit !== field.schema[key]
      ? [ask('catalog.out_of_limits', where, [limit], say)]
      : [];
  };
  if (/^(text|varchar)/.test(type))
    return [
      ...one('maxLength', `char_length(${name}) > $1::int`),
      ...one('minLength', `char_length(${name}) < $1::int`),
    ];
  if (/^(numeric|integer|bigint|smallint|double)/.test(type))
    return [
      ...one('minimum', `${name} < $1::numeric`),
      ...one('maximum', `${name} > $1::numeric`),
      ...one('exclusiveMinimum', `${name} <= $1::numeric`),
      ...one('exclusiveMaximum', `${name} >= $1::numeric`),
    ];
  return [];
}

/** Up to a bound, and not for long; null: not known. */
async function countRows(db: Database, { entity, where, values }: Question): Promise<number | null> {
  try {
    return await db.transaction(
      async (tx) => {
        await tx.query(`set local statement_timeout = ${timeoutMs}`);
        const text = `select count(*)::int as n from (select 1 from ${entity.source} t where t.deleted_at is null and (${where}) limit ${counted + 1}) r`;
        return (await tx.query<{ n: number }>(text, values))[0].n;
      },
      { retries: 0 },
    );
  } catch (error) {
    // Cancelled for its length, or a column that waits for its table: a plan is not refused for a figure.
    if (['57014', '42703', '42P01'].includes(pgCode(error))) return null;
    throw error;
  }
}
