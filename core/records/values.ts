import { compileSql, evaluate, type CheckedExpression } from '../expression/index.js';
import { quote, Sql, sqlEnv } from '../query/index.js';
import {
  formulaValues,
  valuesEnv,
  valueSqlOf,
  type EntityModel,
  type FieldModel,
  type ValueContext,
} from '../schema/index.js';
import type { Ctx, Json, RecordData } from '../sdk/index.js';
import { stored, type Draft } from './draft.js';
import type { Write } from './prepare.js';
import type { TxCtx } from './transaction.js';

/** What expressions know besides the record: time, zone, user. */
export function valueContext(ctx: Ctx): ValueContext {
  const me = ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.onBehalfOf;
  return { now: ctx.now(), zone: ctx.workspace.zone, me };
}

/** A draft's record as it will stand, with what the kernel sets. */
export function nextOf(write: Write<Ctx>, draft: Draft): RecordData {
  if (draft.old !== null) return draft.next;
  const now = write.ctx.now().toISOString();
  return { id: draft.id, createdAt: now, updatedAt: now, version: 1, ...draft.next };
}

/** Whether expressions hold for records as they are at hand; what follows links is asked of the database in one statement. */
export async function holdFor(
  write: Write<Ctx>,
  asked: readonly {
    readonly record: RecordData;
    readonly expression: CheckedExpression;
    readonly followsLinks: boolean;
  }[],
): Promise<boolean[]> {
  const { schema } = write.catalog;
  const context = valueContext(write.ctx);
  const late = asked.filter(({ followsLinks }) => followsLinks);
  const answers = new Map(
    late.length === 0
      ? []
      : (
          await computeOver(
            write,
            late.map(({ record, expression }) => ({ record, expression })),
          )
        ).map((value, i) => [late[i], value === true]),
  );
  return asked.map(
    (each) =>
      answers.get(each) ?? evaluate(each.expression, valuesEnv(schema, write.entity, each.record, context)) === true,
  );
}

/** A record with the values of its formulas, as hooks see it. */
export function withFormulas(write: Write<Ctx>, record: RecordData, linked: RecordData = {}): RecordData {
  if (!hasFormulas(write.entity)) return record;
  const own = formulaValues(write.catalog.schema, write.entity, record, valueContext(write.ctx)) as RecordData;
  return { ...record, ...own, ...linked };
}

/** Values of the formulas that follow links, for each record; in one statement. */
export async function linkedFormulas(write: Write, records: readonly RecordData[]): Promise<RecordData[]> {
  const fields = [...write.entity.fields.values()].filter((field) => field.formula?.followsLinks && !field.retired);
  if (fields.length === 0 || records.length === 0) return records.map(() => ({}));
  const asked = records.flatMap((record) =>
    fields.map((field) => ({
      record,
      expression: (field.formula as NonNullable<FieldModel['formula']>).expression,
      field,
    })),
  );
  const values = await computeOver(write, asked);
  return records.map((_, i) =>
    Object.fromEntries(fields.map((field, j) => [field.key, values[i * fields.length + j]])),
  );
}

function hasFormulas(entity: EntityModel): boolean {
  return [...entity.fields.values()].some((field) => field.formula && !field.retired);
}

interface Asked {
  readonly record: RecordData;
  readonly expression: CheckedExpression;
  /** The formula whose value it is; absent: as the database gives it. */
  readonly field?: FieldModel;
}

/** Computes expressions over records that may not be written yet, laid out as rows of their table, as the system sees links. */
async function computeOver(write: Write<Ctx>, asked: readonly Asked[]): Promise<Json[]> {
  const { entity, deps, catalog } = write;
  const ctx = write.ctx as TxCtx;
  const system = ctx.asSystem('expressions');
  const env = { ...deps.access.env(system, catalog), me: valueContext(ctx).me };
  const scope = deps.access.read(system, catalog, entity.id);
  const sql = new Sql();
  const records = [...new Set(asked.map(({ record }) => record))];
  const expressions = [...new Map(asked.map((each) => [each.expression, each])).values()];
  const fields = [...entity.fields.values()].filter(
    (field) => !field.kind.sealed && field.kind.columns(field).length > 0,
  );
  const columns = fields.flatMap((field) => field.kind.columns(field));
  const shape = columns.map(({ name, type }) => `${quote(name)} ${type}`).join(', ');
  const rows = sql.param(JSON.stringify(records.map((record, n) => ({ _n: n, ...rowOf(fields, record) }))), 'json');
  const values = expressions.map(({ expression, field }, i) => {
    const value = compileSql(expression, sqlEnv(sql, env, scope, 't'));
    return `${field?.formula ? valueSqlOf(field.formula.returns).show(`(${value})`) : value} as ${quote(`c${i}`)}`;
  });
  const text = `select t._n as n, row_to_json(_r) as r from json_to_recordset(${rows}) as t(_n integer, ${shape}) cross join lateral (select ${values.join(', ')}) _r order by t._n`;
  const found = await ctx.tx.query<{ n: number; r: Record<string, Json> }>(text, sql.values);
  const place = new Map(expressions.map(({ expression }, i) => [expression, `c${i}`]));
  const answers = new Map(records.map((record, n) => [record, found[n].r]));
  return asked.map(({ record, expression }) => (answers.get(record) ?? {})[place.get(expression) as string]);
}

function rowOf(fields: readonly FieldModel[], record: RecordData): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const field of fields) {
    const value = record[field.key];
    if (value !== undefined) Object.assign(row, field.kind.encode(stored(field, value), field));
  }
  return row;
}
