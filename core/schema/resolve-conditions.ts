import { checkExpression } from '../expression/index.js';
import { exprScope } from './expr-scope.js';
import type { FieldCondition, FieldConditions, FieldModel, SchemaModel } from './model.js';
import type { FieldReport } from './fields-of-kind.js';
import { walkPath } from './resolve-formulas.js';

const keywords: readonly (readonly [keyof FieldConditions, string])[] = [
  ['show', 'showWhen'],
  ['require', 'requireWhen'],
  ['readOnly', 'readOnlyWhen'],
];

/** Checks `showWhen`, `requireWhen` and `readOnlyWhen` of all fields; what is at fault is told, and holds for nobody. */
export function resolveConditions(schema: SchemaModel, report: FieldReport): Map<FieldModel, FieldModel | null> {
  const changes = new Map<FieldModel, FieldModel | null>();
  for (const entity of schema.entities.values()) {
    for (const field of entity.fields.values()) {
      if (field.retired) continue;
      const conditions = conditionsOf(schema, field, report);
      if (conditions) changes.set(field, { ...field, conditions });
    }
  }
  return changes;
}

function conditionsOf(schema: SchemaModel, field: FieldModel, report: FieldReport): FieldConditions | null {
  if (!keywords.some(([, keyword]) => field.x[keyword] !== undefined)) return null;
  const found: { -readonly [K in keyof FieldConditions]: FieldCondition } = {};
  for (const [name, keyword] of keywords) {
    const source = field.x[keyword];
    if (typeof source !== 'string') continue;
    try {
      const expression = checkExpression(source, exprScope(schema, field.entity), { t: 'boolean' });
      found[name] = { source, expression, followsLinks: followsLinks(schema, field.entity, expression.paths) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      report(field, `/x-field/${keyword}`, 'definition.bad_expression', message);
    }
  }
  return Object.keys(found).length === 0 ? null : found;
}

/** Whether paths of an entity reach what only the database knows: fields of other records, formulas over those, lines. */
export function followsLinks(schema: SchemaModel, entity: string, paths: readonly (readonly string[])[]): boolean {
  return paths.some((path) => {
    const { fields, isForeign } = walkPath(schema, entity, path);
    return isForeign || fields.some((field) => field.formula?.followsLinks === true || field.lines !== undefined);
  });
}

/** Whether paths of an entity read rollups or lines, whose values stand only when the children are written. */
export function readsChildren(schema: SchemaModel, entity: string, paths: readonly (readonly string[])[]): boolean {
  return paths.some((path) =>
    walkPath(schema, entity, path).fields.some(
      (field) => field.rollup !== undefined || field.lines !== undefined || field.formula?.readsChildren === true,
    ),
  );
}
