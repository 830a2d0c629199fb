import type { Access } from '../../access/index.js';
import type { Catalog } from '../../catalog/index.js';
import type { FieldLevel } from '../../query/index.js';
import type { EntityModel, FieldModel } from '../../schema/index.js';
import type { Ctx } from '../../sdk/index.js';

/** What one actor may see of the catalog: what is not in here does not exist for it. */
export interface ReadableCatalog {
  readonly entities: ReadonlyMap<string, ReadableEntity>;
  /** True where every step of a path (`company.name`) is readable. */
  hasPath(entity: string, path: string): boolean;
  /** True where an expression names no field that the actor may not read. */
  mayRead(entity: string, expression: string | undefined): boolean;
}

export interface ReadableEntity {
  readonly model: EntityModel;
  /** Readable fields that are not retired, in order. */
  readonly fields: ReadonlyMap<string, { readonly model: FieldModel; readonly access: FieldLevel }>;
}

/** Cuts the catalog down to what the actor of `ctx` may read. */
export function readableCatalog(access: Access, ctx: Ctx, catalog: Catalog): ReadableCatalog {
  const entities = new Map<string, ReadableEntity>();
  for (const model of catalog.schema.entities.values()) {
    const grant = access.grant(ctx, catalog, model.id);
    if (grant === null) continue;
    const fields = new Map<string, { model: FieldModel; access: FieldLevel }>();
    for (const field of model.fields.values()) {
      const level = grant.fields.get(field.key);
      if (level !== undefined && !field.retired) fields.set(field.key, { model: field, access: level });
    }
    entities.set(model.id, { model, fields });
  }
  const hasPath = (entity: string, path: string): boolean => {
    let at: readonly string[] = [entity];
    for (const step of path.replace(/^-/, '').split('.')) {
      const found = at.map((id) => entities.get(id)?.fields.get(step)).find((field) => field !== undefined);
      if (found === undefined) return isMemberStep(at, step, catalog);
      at = found.model.kind.relation === 'one' ? found.model.to : [`${found.model.entity}#${found.model.key}`];
    }
    return true;
  };
  return {
    entities,
    hasPath,
    mayRead: (entity, expression) =>
      expression === undefined ||
      (namesIn(expression).every((name) => isKnownOrFree(entities, catalog, entity, name)) &&
        pathsIn(expression)
          .filter((path) => catalog.schema.entities.get(entity)?.fields.has(path.split('.')[0]))
          .every((path) => hasPath(entity, path))),
  };
}

/** Members of an object value (`billingAddress.city`) come with their field. */
function isMemberStep(at: readonly string[], step: string, catalog: Catalog): boolean {
  return at.some((id) => id.includes('#')) && !at.some((id) => catalog.schema.entities.get(id)?.fields.has(step));
}

/** A word of an expression that is a field of the entity must be a readable one; other words are functions and members. */
function isKnownOrFree(
  entities: ReadonlyMap<string, ReadableEntity>,
  catalog: Catalog,
  entity: string,
  name: string,
): boolean {
  if (!catalog.schema.entities.get(entity)?.fields.has(name)) return true;
  const access = entities.get(entity)?.fields.get(name)?.access;
  return access !== undefined && access !== 'masked';
}

function namesIn(expression: string): string[] {
  return withoutTexts(expression).match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
}

/** Paths over links (`company.owner.name`), methods at their end included. */
function pathsIn(expression: string): string[] {
  return (
    withoutTexts(expression)
      .replace(/\s*\.\s*/g, '.')
      .match(/[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+/g) ?? []
  );
}

function withoutTexts(expression: string): string {
  return expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, ' ');
}
