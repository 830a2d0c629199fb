import { evaluate, toJson, type EvalEnv } from '../expression/index.js';
import type { EntityModel, SchemaModel } from './model.js';

/** What evaluation needs besides the record. */
export type ValueContext = Omit<EvalEnv, 'get'>;

/**
 * An environment over one record in API form, formulas computed as they are asked for. A link to one may carry the fields of its
 * target (`{id, title, …}`), which formulas then follow; a missing name is null.
 */
export function valuesEnv(schema: SchemaModel, entity: EntityModel, record: object, context: ValueContext): EvalEnv {
  return {
    now: context.now,
    zone: context.zone,
    me: context.me,
    get: (path) => valueAt(schema, entity, record, path, context),
  };
}

/** Values of the record's formulas that need nothing but the record itself; `among` narrows them down. */
export function formulaValues(
  schema: SchemaModel,
  entity: EntityModel,
  record: object,
  context: ValueContext,
): Record<string, unknown> {
  const env = valuesEnv(schema, entity, record, context);
  const values: Record<string, unknown> = {};
  for (const { key, formula, retired } of entity.fields.values())
    if (formula && !formula.followsLinks && !retired) values[key] = toJson(evaluate(formula.expression, env));
  return values;
}

function valueAt(
  schema: SchemaModel,
  entity: EntityModel,
  record: object,
  [key, ...rest]: readonly string[],
  context: ValueContext,
): unknown {
  const field = entity.fields.get(key);
  if (field?.formula) return toJson(evaluate(field.formula.expression, valuesEnv(schema, entity, record, context)));
  const value: unknown = Object.hasOwn(record, key) ? (record as Record<string, unknown>)[key] : null;
  if (field?.kind.relation === undefined && !field?.lines) return rest.reduce(ownMember, value);
  if (rest.length === 0) return idsOf(value);
  if (field.kind.relation === 'any' && rest[0] === 'entity') return ownMember(value, 'entity');
  const target = field.kind.relation === 'any' ? ownMember(value, 'entity') : field.to[0];
  const model = typeof target === 'string' ? schema.entities.get(target) : undefined;
  return model && typeof value === 'object' && value !== null ? valueAt(schema, model, value, rest, context) : null;
}

function idsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(idsOf);
  return typeof value === 'object' && value !== null ? ((value as { id?: unknown }).id ?? null) : value;
}

function ownMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : null;
}
