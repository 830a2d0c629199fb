import type { Catalog } from '../../catalog/index.js';
import { isTrellisError, missing, type TrellisError } from '../../base/errors.js';
import { didYouMean } from '../../base/suggest.js';
import {
  checkExpression,
  evaluate,
  recordEnv,
  rules,
  toJson,
  typeName,
  type CheckedExpression,
  type ExprType,
} from '../../expression/index.js';
import { exprScope, fieldExprType, type EntityModel, type FieldModel } from '../../schema/index.js';
import type { Ctx, RecordData } from '../../sdk/index.js';

export interface ExpressionQuestion {
  readonly entity: string;
  readonly expression: string;
  /** Type that its result must have, e.g. `boolean`; absent: any. */
  readonly type?: string;
  /** Record on which it is tried; absent: the newest that the actor may read. */
  readonly record?: string;
  /** Offset of the cursor, at which names are completed; absent: the end. */
  readonly at?: number;
}

/** A name that may stand at the cursor. */
export interface Completion {
  readonly name: string;
  readonly title: string;
  readonly type: string;
  /** Kind of the field; `function` of a function. */
  readonly kind: string;
}

export interface ExpressionAnswer {
  readonly ok: boolean;
  /** Type of the result; null where it does not check. */
  readonly type: string | null;
  readonly problem: { message: string; at: { start: number; end: number } | null; suggestion: string | null } | null;
  /** Its value on the record; null also where there is no record. */
  readonly result: unknown;
  /** The record on which it was tried. */
  readonly record: { id: string; title: string } | null;
  readonly completions: readonly Completion[];
}

/** Checks an expression as one types, completes its names, tries it on a record. Throws entity.not_found, record.not_found. */
export async function answerExpression(
  { catalog }: { readonly catalog: Catalog },
  ctx: Ctx,
  question: ExpressionQuestion,
): Promise<ExpressionAnswer> {
  const { schema } = catalog;
  const entity = schema.entities.get(question.entity);
  if (!entity)
    throw missing(
      'entity.not_found',
      `There is no entity "${question.entity}".${didYouMean(question.entity, schema.entities.keys())}`,
    );
  const completions = complete(catalog, entity, question);
  const checked = check(catalog, question);
  if (!('ast' in checked))
    return { ok: false, type: null, problem: toProblem(checked), result: null, record: null, completions };
  const sample = await readSample(ctx, entity, checked, question.record);
  return {
    ok: true,
    type: typeName(checked.type),
    problem: null,
    result: sample === null ? null : valueOn(ctx, checked, sample),
    record: sample === null ? null : { id: String(sample.id), title: String(sample[entity.titleField] ?? '') },
    completions,
  };
}

function check(catalog: Catalog, { entity, expression, type }: ExpressionQuestion): CheckedExpression | TrellisError {
  try {
    return checkExpression(expression, exprScope(catalog.schema, entity), typeOf(type));
  } catch (error) {
    if (isTrellisError(error) && error.kind === 'invalid') return error;
    throw error;
  }
}

const plainTypes: readonly string[] = ['text', 'number', 'boolean', 'date', 'dateTime', 'json'];

function typeOf(name: string | undefined): ExprType | undefined {
  return name !== undefined && plainTypes.includes(name) ? ({ t: name } as ExprType) : undefined;
}

function toProblem(error: TrellisError): NonNullable<ExpressionAnswer['problem']> {
  const { start, end } = (error.params ?? {}) as { start?: number; end?: number };
  return {
    message: error.message.split('\n')[0],
    at: start === undefined || end === undefined ? null : { start, end },
    suggestion: /Did you mean "([^"]+)"/.exec(`${error.message} ${error.hint ?? ''}`)?.[1] ?? null,
  };
}

/** The fields that the expression reads, of one record, as the actor may read it; null where there is none. */
async function readSample(
  ctx: Ctx,
  entity: EntityModel,
  checked: CheckedExpression,
  id: string | undefined,
): Promise<RecordData | null> {
  const names = checked.paths.filter(([first]) => entity.fields.has(first)).map((path) => pathOf(entity, path));
  const fields = [...new Set(['id', entity.titleField, ...names])];
  const filter = id === undefined ? undefined : `id == ${JSON.stringify(id)}`;
  const { data } = await ctx.records.list(ctx, { entity: entity.id, fields, filter, sort: ['-createdAt'], limit: 1 });
  if (data.length === 0 && id !== undefined) throw missing('record.not_found', 'There is no such record.');
  return data[0] ?? null;
}

/** Members of an object (`address.city`) come with their field; only links are followed. */
function pathOf(entity: EntityModel, path: readonly string[]): string {
  return entity.fields.get(path[0])?.kind.relation === undefined ? path[0] : path.join('.');
}

function valueOn(ctx: Ctx, checked: CheckedExpression, record: RecordData): unknown {
  const me = ctx.actor.kind === 'user' ? ctx.actor.userId : null;
  const env = recordEnv(record, { now: ctx.now(), zone: ctx.workspace.zone, me });
  return toJson(evaluate(checked, { ...env, get: (path) => plain(env.get(path)) }));
}

/** A link compares by its id. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
}

/** Characters before the cursor that are looked at for the path it stands in. */
const longestPath = 500;

/** Names for the word at the cursor: fields of the entity, or of the record that the path before it leads to; functions. */
function complete(catalog: Catalog, entity: EntityModel, { expression, at }: ExpressionQuestion): Completion[] {
  // The text's end alone: the pattern tries each place anew, and a path is never that long.
  const before = expression.slice(0, at ?? expression.length).slice(-longestPath);
  const typed = /(?:[A-Za-z_][A-Za-z0-9_]*\.)*[A-Za-z_]?[A-Za-z0-9_]*$/.exec(before)?.[0] ?? '';
  const steps = typed.split('.');
  const word = (steps.pop() ?? '').toLowerCase();
  let owner: EntityModel | undefined = entity;
  for (const step of steps) {
    const field: FieldModel | undefined = owner?.fields.get(step);
    owner = field?.kind.relation === 'one' ? catalog.schema.entities.get(field.to[0]) : undefined;
  }
  const fields = [...(owner?.fields.values() ?? [])]
    .filter((field) => !field.retired)
    .map((field) => ({
      name: field.key,
      title: field.title,
      type: typeName(fieldExprType(field)),
      kind: field.kind.id,
    }));
  const functions =
    steps.length > 0
      ? []
      : rules
          .filter((rule) => rule.form === 'function')
          .map((rule) => ({ name: rule.name, title: rule.name, type: '', kind: 'function' }));
  return [...fields, ...functions]
    .filter(({ name, title }) => name.toLowerCase().includes(word) || title.toLowerCase().includes(word))
    .sort((a, b) => Number(b.name.toLowerCase().startsWith(word)) - Number(a.name.toLowerCase().startsWith(word)))
    .slice(0, 100);
}
