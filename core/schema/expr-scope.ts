import type { ExprScope, ExprType } from '../expression/index.js';
import type { FieldModel, SchemaModel } from './model.js';

/** Type of a field as expressions see it. */
export function fieldExprType(field: FieldModel): ExprType {
  return field.kind.exprType(field);
}

const cache = new WeakMap<SchemaModel, Map<string, ReadonlyMap<string, ExprType>>>();

/** Names that an expression over an entity may use: all its fields that are not retired, through links too. Access is not its business. */
export function exprScope(
  schema: SchemaModel,
  entity: string | null,
  variables?: Readonly<Record<string, ExprType>>,
): ExprScope {
  return { entity, members: (id) => membersOf(schema, id), ...(variables ? { variables } : {}) };
}

function membersOf(schema: SchemaModel, id: string): ReadonlyMap<string, ExprType> | null {
  const entity = schema.entities.get(id);
  if (!entity) return null;
  let known = cache.get(schema);
  if (!known) cache.set(schema, (known = new Map()));
  let members = known.get(id);
  if (!members) {
    members = new Map(
      [...entity.fields.values()].filter((field) => !field.retired).map((field) => [field.key, fieldExprType(field)]),
    );
    known.set(id, members);
  }
  return members;
}
