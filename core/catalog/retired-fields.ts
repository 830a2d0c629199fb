import { buildField, internalKinds, type FieldModel } from '../schema/index.js';
import type { CatalogNode } from './node-plan.js';
import type { RetiredField } from './types.js';

/** Entity id → its retired fields. Pure. */
export function retiredFields(nodes: readonly CatalogNode[]): ReadonlyMap<string, readonly RetiredField[]> {
  const found = new Map<string, RetiredField[]>();
  for (const node of nodes) {
    if (node.state !== 'retired' || node.field === '') continue;
    const field = fieldOf(node);
    if (field === null) continue;
    found.set(node.entity, [
      ...(found.get(node.entity) ?? []),
      { field, titles: node.last?.titles ?? {}, hiddenFrom: node.last?.hiddenFrom ?? null },
    ]);
  }
  return found;
}

/** Null where the kind is one that this version does not know. */
function fieldOf(node: CatalogNode): FieldModel | null {
  const internal = internalKinds.find((kind) => kind.id === node.kind);
  const property = node.last?.property ?? {};
  const field = buildField({
    entity: node.entity,
    key: node.field,
    uuid: node.id,
    // Kinds that files cannot ask for (the currency beside an amount) have no builder; their column is text.
    property: { ...property, 'x-field': { ...(property['x-field'] as object), kind: internal ? 'text' : node.kind } },
    required: false,
    report: () => undefined,
  });
  return field && { ...field, ...(internal ? { kind: internal } : {}), retired: true };
}
