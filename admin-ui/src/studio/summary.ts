import type { DefinitionDiff } from '../../../schemas/studio.js';
import type { Json } from './document.js';
import { objectOf, pointer, textOf } from './document.js';

/** One sentence about a plan: the key of its words under `studio.summary`, and what they are made of. */
export interface SummaryLine {
  key: string;
  params: Record<string, string>;
  /** Data are lost, or somebody sees less than before. */
  isGrave?: boolean;
}

/** Finds what people call a definition, or a field of an entity. */
export interface Names {
  definition(type: string, id: string): string;
  field(entity: string, key: string): string;
  /** What a translation into the reader's language says at a place; '' where none does. Absent: there are none. */
  text?(type: string, id: string, at: string): string;
}

/** A plan's difference in plain words: each thing once, new and removed things first. */
export function summaryOf(diff: readonly DefinitionDiff[], names: Names): SummaryLine[] {
  const lines = diff.flatMap((one) => [lineOf(one, names), ...fieldLines(one, names)]);
  const seen = new Set<string>();
  const once = lines.filter((line) => {
    const name = JSON.stringify([line.key, line.params]);
    return !seen.has(name) && seen.add(name);
  });
  // A field that is new or gone says enough; what else is told of it is part of that.
  const whole = new Set(
    once
      .filter(({ key }) => /^(new|removed|retired|restored)Field$/.test(key))
      .map(({ params }) => `${params.entity}/${params.field}`),
  );
  const rest = once.filter(
    ({ key, params }) => !/^(changedField|renamedField)/.test(key) || !whole.has(`${params.entity}/${params.field}`),
  );
  return [...rest].sort((a, b) => rank(a) - rank(b));
}

const rank = ({ key }: SummaryLine): number => (key.startsWith('new') ? 0 : key.startsWith('removed') ? 1 : 2);

/** The fields that a new entity comes with. */
function fieldLines({ type, id, at, before, after }: DefinitionDiff, names: Names): SummaryLine[] {
  if (type !== 'entity' || at !== '' || (before !== undefined && before !== null)) return [];
  const entity = titled(names, type, id, after);
  return Object.entries(objectOf(after as Json | undefined, 'properties')).map(([key, property]) => ({
    key: 'newField',
    params: { entity, field: fieldTitled(names, id, key, property) || key },
  }));
}

function lineOf(one: DefinitionDiff, names: Names): SummaryLine {
  const { type, id, at, before, after } = one;
  if (type === 'translation') return { key: 'texts', params: { language: id.slice(id.indexOf('.') + 1) } };
  const title = titled(names, type, id, after ?? before) || names.definition(type, id);
  if (at === '') {
    const kind =
      before === undefined || before === null ? 'new' : after === undefined || after === null ? 'removed' : null;
    if (kind)
      return { key: `${kind}${pascal(type)}`, params: { title }, ...(kind === 'removed' ? { isGrave: true } : {}) };
  }
  if (type !== 'entity') return { key: `changed${pascal(type)}`, params: { title: names.definition(type, id) } };
  return entityLine(one, names);
}

function entityLine({ id, at, before, after }: DefinitionDiff, names: Names): SummaryLine {
  const entity = names.definition('entity', id);
  const [, root = '', key = '', ...rest] = at.split('/');
  const field =
    fieldTitled(names, id, key, root === 'properties' && rest.length === 0 ? (after ?? before) : undefined) ||
    names.field(id, key);
  if (root === 'properties' && rest.length === 0) {
    if (before === undefined || before === null) return { key: 'newField', params: { entity, field } };
    if (after === undefined || after === null) return { key: 'removedField', params: { entity, field }, isGrave: true };
    return { key: 'changedField', params: { entity, field } };
  }
  if (root === 'properties') {
    if (rest.join('/') === 'x-field/retired')
      return { key: after === true ? 'retiredField' : 'restoredField', params: { entity, field } };
    if (rest.join('/') === 'title' && typeof before === 'string' && typeof after === 'string')
      return { key: 'renamedField', params: { entity, before, after } };
    return { key: 'changedField', params: { entity, field } };
  }
  if (root === 'required' && key !== '')
    return {
      key: after === undefined || after === null ? 'optionalField' : 'requiredField',
      params: { entity, field },
    };
  if (root === 'x-entity' && key === 'rules') {
    const isNew = before === undefined || before === null;
    return {
      key: isNew ? 'newRule' : after === undefined || after === null ? 'removedRule' : 'changedRule',
      params: { entity },
    };
  }
  return { key: 'changedEntity', params: { entity } };
}

function titled(names: Names, type: string, id: string, document: unknown): string {
  return names.text?.(type, id, '/title') || titleIn(document);
}

function fieldTitled(names: Names, entity: string, key: string, property: unknown): string {
  return names.text?.('entity', entity, pointer('properties', key, 'title')) || titleIn(property);
}

function titleIn(value: unknown): string {
  return typeof value === 'object' && value !== null ? textOf(value as Json, 'title') : '';
}

function pascal(type: string): string {
  return type.replaceAll(/(?:^|-)(\w)/g, (_all, letter: string) => letter.toUpperCase());
}
