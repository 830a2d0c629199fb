import type { Catalog } from '../catalog/index.js';
import type { EntityModel, SchemaModel } from '../schema/index.js';
import type { Ctx } from '../sdk/index.js';
import type { Access } from './access.js';

/** The schema as far as the actor may read it: for checks whose words must not name anything else. */
export function readableSchema(access: Pick<Access, 'grant'>, ctx: Ctx, catalog: Catalog): SchemaModel {
  const entities = new Map<string, EntityModel>();
  for (const entity of catalog.schema.entities.values()) {
    const grant = access.grant(ctx, catalog, entity.id);
    if (grant === null) continue;
    const fields = new Map([...entity.fields].filter(([key]) => key === 'id' || grant.fields.has(key)));
    entities.set(entity.id, { ...entity, fields });
  }
  return { entities };
}
