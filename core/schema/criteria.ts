import { checkExpression, compileSql, inlineParam, isImmutable, type CheckedExpression } from '../expression/index.js';
import { exprScope } from './expr-scope.js';
import type { EntityModel, SchemaModel } from './model.js';

/** A condition by which records of an entity reach somebody. */
export interface Criterion {
  readonly entity: string;
  readonly when: string;
}

/**
 * SQL (over `alias.`) of a condition that is true of the same row for ever, whoever asks; null where it depends on the time, the user or
 * on more than the record's own columns. Index and query use this same function, or the index would not serve.
 */
export function criterionSql(entity: EntityModel, expression: CheckedExpression, alias: string): string | null {
  const known = texts.get(expression) ?? new Map<string, string | null>();
  texts.set(expression, known);
  const key = `${entity.id} ${alias}`;
  const text = known.get(key) ?? (isOwn(entity, expression) ? compiled(entity, expression, alias) : null);
  known.set(key, text);
  return text;
}

/** The schema whose entities know the criteria by which rules and roles reach their records; one that does not check is left out. */
export function withCriteria(schema: SchemaModel, given: readonly Criterion[]): SchemaModel {
  const criteria = new Map<string, CheckedExpression[]>();
  for (const { entity, when } of given) {
    if (!schema.entities.has(entity)) continue;
    try {
      const expression = checkExpression(when, exprScope(schema, entity), { t: 'boolean' });
      criteria.set(entity, [...(criteria.get(entity) ?? []), expression]);
    } catch {
      // The catalog tells it, where it checks the rule or the role.
    }
  }
  if (criteria.size === 0) return schema;
  const entities = [...schema.entities].map(([id, entity]) => {
    const own = criteria.get(id);
    return [id, own ? { ...entity, criteria: own } : entity] as const;
  });
  return { ...schema, entities: new Map(entities) };
}

const texts = new WeakMap<CheckedExpression, Map<string, string | null>>();

function isOwn({ fields }: EntityModel, expression: CheckedExpression): boolean {
  if (expression.type.t === 'null' || expression.paths.length === 0 || !isImmutable(expression)) return false;
  return expression.paths.every(([key]) => {
    const field = fields.get(key);
    return (
      field !== undefined &&
      !field.formula &&
      !field.rollup &&
      !field.lines &&
      !field.kind.sealed &&
      field.kind.relation === undefined &&
      field.kind.columns(field).length > 0
    );
  });
}

function compiled({ fields }: EntityModel, expression: CheckedExpression, alias: string): string | null {
  const env = {
    now: new Date(0),
    zone: 'UTC',
    me: null,
    param: inlineParam,
    member: ([key, ...rest]: readonly string[]) => {
      const field = fields.get(key);
      return field ? field.kind.exprSql(field, alias, rest) : 'null';
    },
  };
  try {
    return `(${compileSql(expression, env, { position: 'filter' })})`;
  } catch (error) {
    // A text that no statement can hold.
    if (error instanceof TypeError) return null;
    throw error;
  }
}
