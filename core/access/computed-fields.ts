import { currencyBeside, type EntityModel, type FieldModel, type FieldRef, type SchemaModel } from '../schema/index.js';
import type { EntityGrant } from './grants.js';

/**
 * A grant without the computed fields that would tell what it hides: a formula, a rollup or lines can be read where all that they
 * are computed from can be, unless they are declared to be system-computed. `grantOf` gives grants as the roles say them.
 */
export function withoutHiddenInputs(
  schema: SchemaModel,
  entity: EntityModel,
  grantOf: (entity: EntityModel) => EntityGrant,
): EntityGrant {
  const grant = grantOf(entity);
  const computed = [...grant.fields.keys()].filter((key) => inputsOf(schema, entity.fields.get(key)).length > 0);
  if (computed.length === 0) return grant;
  const isReadable = ({ entity: id, field: key }: FieldRef): boolean => {
    const model = schema.entities.get(id);
    const theirs = model && grantOf(model);
    if (!canRead(theirs?.fields.get(key)) || !theirs || (id !== entity.id && theirs.read === 'none')) return false;
    return inputsOf(schema, model?.fields.get(key)).every(isReadable);
  };
  const hidden = computed.filter((key) => !isReadable({ entity: entity.id, field: key }));
  if (hidden.length === 0) return grant;
  return { ...grant, fields: new Map([...grant.fields].filter(([key]) => !hidden.includes(key))) };
}

function canRead(level: string | undefined): boolean {
  return level === 'read' || level === 'edit';
}

/** What a computed field shows something of; none for fields that are what they are, and for system-computed ones. */
function inputsOf(schema: SchemaModel, field: FieldModel | undefined): readonly FieldRef[] {
  if (field?.formula) return field.formula.systemComputed ? [] : field.formula.reads;
  if (field?.rollup) return field.rollup.systemComputed ? [] : [...field.rollup.reads, ...currencyRead(schema, field)];
  if (!field?.lines) return [];
  const child = schema.entities.get(field.lines.entity);
  // Which lines a record has says where the link of each leads.
  return child ? ['id', field.lines.link].map((key) => ({ entity: child.id, field: key })) : [];
}

/** Amounts of several currencies add up to none, so that a total tells of their currencies too. */
function currencyRead(schema: SchemaModel, { rollup }: FieldModel): FieldRef[] {
  const source =
    rollup?.money && rollup.field ? schema.entities.get(rollup.entity)?.fields.get(rollup.field) : undefined;
  const beside = source && currencyBeside(schema, source);
  return beside && schema.entities.get(beside.entity)?.fields.has(beside.key)
    ? [{ entity: beside.entity, field: beside.key }]
    : [];
}
