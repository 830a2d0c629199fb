import {
  buildSchema,
  foldLayers,
  type Criterion,
  type DefinitionProblem,
  type FoldedLayers,
  type SchemaModel,
} from '../schema/index.js';
import { indexNodes, type WantedNode } from './node-plan.js';
import type { CatalogProblem, Definition, Layer } from './types.js';

/** The fold of layers with its schema, and everything that is wrong with it. */
export interface Folded {
  readonly layers: readonly Layer[];
  readonly folded: FoldedLayers;
  readonly schema: SchemaModel;
  readonly problems: readonly DefinitionProblem[];
}

/** Folds layers and builds the schema; `uuidOf` gives the lasting ids. */
export function foldCatalog(layers: readonly Layer[], uuidOf: (entity: string, field: string) => string): Folded {
  const folded = foldLayers(layers);
  const { schema, problems } = buildSchema(
    {
      entities: [...folded.definitions('entity').values()].map(({ id, document }) => ({
        id,
        document,
        added: folded.added(id),
      })),
      extensions: [...folded.definitions('extension').values()],
      recordTypes: [...folded.definitions('record-type').values()],
      criteria: criteriaOf(folded),
    },
    uuidOf,
  );
  return { layers, folded, schema, problems: [...folded.problems, ...problems] };
}

/** Conditions on records of rules that count, and of roles. */
function criteriaOf(folded: FoldedLayers): Criterion[] {
  const rules = [...folded.definitions('sharing-rule').values()].flatMap(({ document }) => {
    const { entity, when, off } = document as unknown as { entity: string; when?: string; off?: boolean };
    return when === undefined || off ? [] : [{ entity, when }];
  });
  const roles = [...folded.definitions('role').values()].flatMap(({ document }) =>
    ((document.grants ?? []) as { entity: string; read?: string; readWhen?: string }[]).flatMap(
      ({ entity, read, readWhen }) => (read === 'own' && readWhen !== undefined ? [{ entity, when: readWhen }] : []),
    ),
  );
  return [...rules, ...roles];
}

/** The nodes that a schema needs: one an entity, one a field. */
export function wantedNodes({ schema, folded }: Pick<Folded, 'schema' | 'folded'>): WantedNode[] {
  const nodes: WantedNode[] = [];
  for (const entity of schema.entities.values()) {
    nodes.push({ entity: entity.id, field: '', kind: '', plugin: entity.plugin });
    const origins = folded.origins('entity', entity.id);
    // Nobody else wrote anything in most of them.
    const only = origins.size === 1 ? origins.get('') : undefined;
    for (const field of entity.fields.values()) {
      // It is the rollup's, and has its id.
      if (field.rollup?.isCurrency) continue;
      const origin = only ?? folded.provenance('entity', entity.id, `/properties/${field.key}`);
      nodes.push({ entity: entity.id, field: field.key, kind: field.kind.id, plugin: origin?.plugin ?? entity.plugin });
    }
  }
  return nodes;
}

/** Ids by entity and field. Throws where one is missing: the caller planned nodes of another schema. */
export function uuidLookup(
  nodes: readonly { readonly id: string; readonly entity: string; readonly field: string }[],
): (entity: string, field: string) => string {
  const known = indexNodes(nodes);
  return (entity, field) => known.get(entity)?.get(field)?.id ?? missingId;
}

/** Stands for an id where only the shape of the schema matters. */
export const missingId = '00000000-0000-0000-0000-000000000000';

/** Turns a problem's `type:id` into the plugin and definition that it is about. */
export function toCatalogProblem(problem: DefinitionProblem): CatalogProblem {
  const colon = problem.file.indexOf(':');
  const id = problem.file.slice(colon + 1);
  return {
    plugin: id.split('.')[0],
    type: problem.file.slice(0, colon),
    id,
    pointer: problem.pointer,
    code: problem.code,
    message: problem.message,
  };
}

/** As above, for a definition at hand. */
export function definitionProblem(
  definition: Definition,
  pointer: string,
  code: string,
  message: string,
): CatalogProblem {
  return { plugin: definition.id.split('.')[0], type: definition.type, id: definition.id, pointer, code, message };
}
