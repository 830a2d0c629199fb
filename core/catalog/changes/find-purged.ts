import { buildSchema, currencyKey, type EntityModel, type FieldModel } from '../../schema/index.js';
import { indexNodes, type CatalogNode } from '../node-plan.js';
import type { Purge } from './compose-layer.js';
import type { Standing } from './prepare.js';
import type { ChangeProblem } from './types.js';

/** What is to go for good. */
export interface Purged {
  /** Of fields and entities, in no order; their keys are free again. */
  readonly nodes: readonly CatalogNode[];
  /** Fields of entities that stay. */
  readonly fields: readonly FieldModel[];
  readonly entities: readonly EntityModel[];
  readonly problems: readonly ChangeProblem[];
}

/** Finds the nodes and models of what is purged; the currency of an amount goes with it, all fields with their entity. */
export function findPurged(
  { stored, catalog }: Pick<Standing, 'stored' | 'catalog'>,
  purges: readonly Purge[],
): Purged {
  const known = indexNodes(stored.nodes);
  const nodes = new Map<string, CatalogNode>();
  const fields: FieldModel[] = [];
  const entities: EntityModel[] = [];
  const problems: ChangeProblem[] = [];
  const modelOf = ({ entity, field }: Purge): FieldModel | undefined =>
    catalog.retiredFields(entity).find((one) => one.field.key === field)?.field ??
    catalog.schema.entities.get(entity)?.fields.get(field);
  for (const purge of purges) {
    const { entity, field } = purge;
    const node = known.get(entity)?.get(field);
    if (!node) {
      problems.push(neverThere(purge));
      continue;
    }
    nodes.set(node.id, node);
    if (field === '') {
      const own = stored.nodes.filter((one) => one.entity === entity);
      for (const one of own) nodes.set(one.id, one);
      entities.push(modelOfEntity(entity, own));
      continue;
    }
    const model = modelOf(purge);
    if (model) fields.push(model);
    const sibling = known.get(entity)?.get(currencyKey(field));
    const isAmount = sibling !== undefined && model?.kind.currencyColumn !== undefined;
    if (!isAmount) continue;
    nodes.set(sibling.id, sibling);
    const currency = modelOf({ entity, field: sibling.field });
    if (currency) fields.push(currency);
  }
  return { nodes: [...nodes.values()], fields, entities, problems };
}

/** The model of an entity that nothing defines, as far as its nodes remember it. */
export function modelOfEntity(id: string, nodes: readonly CatalogNode[]): EntityModel {
  const ids = new Map(nodes.map((node) => [node.field, node.id]));
  const fields = nodes.filter((node) => node.last);
  const properties = Object.fromEntries(fields.map((node) => [node.field, node.last?.property]));
  const document = { $id: id, title: id, type: 'object', properties, 'x-entity': { titleField: 'id' } };
  const added = new Set(fields.map((node) => node.field).filter((key) => key.includes('_')));
  const { schema } = buildSchema({ entities: [{ id, document, added }] }, (_, field) => ids.get(field) ?? '');
  return schema.entities.get(id) as EntityModel;
}

function neverThere({ entity, field }: Purge): ChangeProblem {
  return {
    type: 'entity',
    id: entity,
    at: field && `/properties/${field}`,
    code: 'change.target_missing',
    message: field ? `${entity} never had a field "${field}".` : `There never was an entity "${entity}".`,
  };
}
