import {
  currencyBeside,
  type EntityModel,
  type FieldModel,
  type RollupModel,
  type SchemaModel,
} from '../schema/index.js';

/**
 * The records whose values of then must be known so that a field can be told, as a tree from the record that it stands on: which of
 * its links are followed, and which records that point at it are asked.
 */
export interface Need {
  readonly entity: EntityModel;
  /** To-one links and links to anything → by entity, what is asked of their targets. */
  readonly targets: Map<FieldModel, Map<string, Need>>;
  /** Links of other entities → what is asked of the records that point here by them. */
  readonly children: Map<FieldModel, Need>;
  /** To-many links → what is asked of their targets. */
  readonly pairs: Map<FieldModel, Need>;
}

export function needOf(entity: EntityModel): Need {
  return { entity, targets: new Map(), children: new Map(), pairs: new Map() };
}

/** Adds what a field asks for where it is shown: of a link the title and `nested` fields of its target. Lines are their children by themselves. */
export function needShown(schema: SchemaModel, need: Need, field: FieldModel, nested: readonly string[] = []): void {
  if (field.kind.relation !== 'one') return needValue(schema, need, [field.key]);
  const [target] = targetsOf(schema, need, field);
  for (const key of target ? nested : []) {
    const further = target.entity.fields.get(key);
    if (further) needShown(schema, target, further);
  }
}

/** Adds what a path of an expression asks for. */
function needValue(schema: SchemaModel, need: Need, path: readonly string[]): void {
  const field = need.entity.fields.get(path[0]);
  if (!field) return;
  const rest = path.slice(1);
  const { relation } = field.kind;
  if (field.formula) for (const inner of field.formula.expression.paths) needValue(schema, need, inner);
  else if (field.rollup) needRollup(schema, need, field.rollup);
  else if (field.lines) childrenOf(schema, need, field.lines);
  else if (relation === 'many') {
    const target = schema.entities.get(field.to[0]);
    if (target && !need.pairs.has(field)) need.pairs.set(field, needOf(target));
  } else if (relation !== undefined) {
    for (const target of targetsOf(schema, need, field)) if (rest.length > 0) needValue(schema, target, rest);
  }
}

function needRollup(schema: SchemaModel, need: Need, rollup: RollupModel): void {
  const children = childrenOf(schema, need, rollup);
  const source = rollup.field === undefined ? undefined : children?.entity.fields.get(rollup.field);
  if (!children || !source) return;
  needValue(schema, children, [source.key]);
  const beside = currencyBeside(schema, source);
  if (beside?.rollup) needRollup(schema, children, beside.rollup);
}

/** What is asked of the records that point here by a link; null where there is no such link any more. */
export function childrenOf(
  schema: SchemaModel,
  need: Need,
  { entity, link }: { readonly entity: string; readonly link: string },
): Need | null {
  const child = schema.entities.get(entity);
  const field = child?.fields.get(link);
  if (!child || !field) return null;
  const known = need.children.get(field) ?? needOf(child);
  need.children.set(field, known);
  return known;
}

function targetsOf(schema: SchemaModel, need: Need, field: FieldModel): Need[] {
  const known = need.targets.get(field) ?? new Map<string, Need>();
  need.targets.set(field, known);
  const ids = field.to.includes('*') ? [...schema.entities.keys()] : field.to;
  for (const id of ids) {
    const entity = schema.entities.get(id);
    if (entity && !known.has(id)) known.set(id, needOf(entity));
  }
  return [...known.values()];
}
