import type { Report } from './build.js';
import type { EntityModel, FieldModel, SchemaModel } from './model.js';
import { pointerStep } from './problem.js';
import type { FieldReport } from './fields-of-kind.js';
import { resolveConditions } from './resolve-conditions.js';
import { resolveFormulas } from './resolve-formulas.js';
import { resolveLines, resolveRollups } from './resolve-children.js';

/**
 * Completes the fields whose meaning depends on other fields and entities: rollups and lines find their children, formulas are
 * checked and put in order, conditions are checked. What is at fault is told and left out.
 */
export function resolveComputed(schema: SchemaModel, report: Report): SchemaModel {
  const tell: FieldReport = (field, at, code, message) =>
    report(`entity:${field.entity}`, `/properties${pointerStep(field.key)}${at}`, code, message);
  return [resolveLines, resolveRollups, resolveFormulas, resolveConditions].reduce(
    (current, resolve) => withFields(current, resolve(current, tell)),
    schema,
  );
}

/** The schema with some fields replaced, also by several; null takes one out. */
function withFields(
  schema: SchemaModel,
  changes: ReadonlyMap<FieldModel, FieldModel | readonly FieldModel[] | null>,
): SchemaModel {
  if (changes.size === 0) return schema;
  const touched = new Set([...changes.keys()].map((field) => field.entity));
  const replaced = (entity: EntityModel): EntityModel => {
    if (!touched.has(entity.id)) return entity;
    const fields = [...entity.fields.values()].flatMap((field) => {
      const next = changes.has(field) ? (changes.get(field) ?? []) : field;
      return [next].flat().map((each) => [each.key, each] as const);
    });
    return { ...entity, fields: new Map(fields) };
  };
  return { ...schema, entities: new Map([...schema.entities].map(([id, entity]) => [id, replaced(entity)])) };
}
