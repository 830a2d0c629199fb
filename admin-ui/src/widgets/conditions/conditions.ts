import type { CatalogEntity, CatalogField, Condition, ConditionGroup, ConditionNode } from '../../meta/index.js';

/** The fields that the filter menu offers, own ones first. */
export function fieldsToFilter(entity: CatalogEntity | undefined): CatalogField[] {
  const fields = (entity?.fields ?? []).filter((field) => field.filterable && field.operators.length > 0);
  return [...fields.filter((field) => !field.system), ...fields.filter((field) => field.system)];
}

/** A condition on a field, with its first operator and no values. */
export function freshCondition(path: string, field: CatalogField): Condition {
  return { type: 'condition', field: path, op: field.operators[0] ?? 'notBlank', values: [] };
}

/** The group with one item replaced, or taken out where `item` is null. */
export function withItem(group: ConditionGroup, index: number, item: ConditionNode | null): ConditionGroup {
  const items =
    item === null
      ? group.items.filter((_, at) => at !== index)
      : group.items.map((each, at) => (at === index ? item : each));
  return { ...group, items };
}

/** The group with one item more. */
export function withAdded(group: ConditionGroup, item: ConditionNode): ConditionGroup {
  return { ...group, items: [...group.items, item] };
}
