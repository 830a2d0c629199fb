import { didYouMean, suggest } from '../base/suggest.js';
import { buildField, currencySibling } from './build-field.js';
import { checkEntity, checkLinks } from './build-checks.js';
import { checkParents } from './check-parents.js';
import { collectInverses } from './build-inverses.js';
import { withCriteria, type Criterion } from './criteria.js';
import { inlineRefs } from './inline-refs.js';
import { checkRecordTypes, collectRecordTypes, recordTypeField } from './build-record-types.js';
import type {
  EntityAccess,
  EntityModel,
  EntityRule,
  FieldModel,
  PrivacyModel,
  RecordTypeModel,
  SchemaModel,
} from './model.js';
import { entityIdProblem, extensionPrefix, fieldKeyProblem, quoteName, recordTypeKey, tableName } from './names.js';
import { pointerStep } from './problem.js';
import type { DefinitionProblem } from './problem.js';
import { resolveComputed } from './resolve-computed.js';
import { systemFields } from './system-fields.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** A document and its id: `contacts.company` of an entity, `loyalty.contacts.company` of an extension. */
export interface SourceDefinition {
  readonly id: string;
  readonly document: JsonObject;
  /** Of an entity: keys that changes of other plugins added; they alone may have an underscore. */
  readonly added?: ReadonlySet<string>;
}

export interface BuildInput {
  readonly entities: readonly SourceDefinition[];
  /** Fields that plugins add to others' entities; those already merged into the entity's document are not added twice. */
  readonly extensions?: readonly SourceDefinition[];
  readonly recordTypes?: readonly SourceDefinition[];
  readonly criteria?: readonly Criterion[];
}

/** Tells a fault of a definition. */
export type Report = (definition: string, pointer: string, code: string, message: string, suggestion?: string) => void;

/**
 * Makes the model that all rooms above work on. `uuidOf` gives the workspace-local id of an entity (field '') or a field.
 * Collects every fault; what is at fault is left out of the schema, so a schema with problems must not be applied.
 * Expressions (rules) are not checked here: the catalog does, with `exprScope`.
 */
export function buildSchema(
  input: BuildInput,
  uuidOf: (entity: string, field: string) => string,
): { schema: SchemaModel; problems: DefinitionProblem[] } {
  const problems: DefinitionProblem[] = [];
  const report: Report = (file, pointer, code, message, suggestion) =>
    problems.push({ file, pointer, code, message, ...(suggestion ? { suggestion } : {}) });
  const documents = mergeExtensions(input, report);
  const types = collectRecordTypes(input.recordTypes ?? []);
  const entities = new Map<string, EntityModel>();
  for (const merged of documents.values())
    entities.set(merged.id, knownEntity(merged, types.get(merged.id) ?? [], uuidOf, report));
  checkRecordTypes(entities, types, report);
  for (const entity of entities.values()) checkLinks(entity, entities, report);
  checkParents(entities, report);
  const inverses = collectInverses(entities, report);
  const schema: SchemaModel = {
    entities: new Map([...entities].map(([id, entity]) => [id, { ...entity, inverses: inverses.get(id) ?? [] }])),
  };
  return { schema: withCriteria(resolveComputed(schema, report), input.criteria ?? []), problems };
}

interface MergedDocument {
  readonly id: string;
  readonly document: JsonObject;
  /** Keys that came from another plugin → the definition that has them (`extension:…`). */
  readonly extended: ReadonlyMap<string, string>;
}

function mergeExtensions(input: BuildInput, report: Report): Map<string, MergedDocument> {
  const merged = new Map<string, MergedDocument>();
  for (const { id, document, added } of input.entities) {
    const problem = entityIdProblem(id);
    if (problem) report(`entity:${id}`, '/$id', 'definition.bad_id', problem);
    else if (merged.has(id))
      report(`entity:${id}`, '/$id', 'definition.duplicate_id', `two entities are called "${id}"`);
    else merged.set(id, { id, document, extended: new Map([...(added ?? [])].map((key) => [key, `entity:${id}`])) });
  }
  for (const extension of input.extensions ?? []) mergeExtension(merged, extension, report);
  return merged;
}

function mergeExtension(merged: Map<string, MergedDocument>, { id, document }: SourceDefinition, report: Report): void {
  const name = `extension:${id}`;
  const target = String(document.entity);
  const base = merged.get(target);
  if (!base) {
    report(
      name,
      '/entity',
      'definition.unknown_entity',
      `unknown entity "${target}".${didYouMean(target, merged.keys())} A plugin must require the plugin whose entity it extends.`,
      suggest(target, merged.keys()) ?? undefined,
    );
    return;
  }
  const prefix = extensionPrefix(id.split('.')[0]);
  const properties: Record<string, unknown> = { ...(base.document.properties as JsonObject | undefined) };
  const extended = new Map(base.extended);
  for (const [key, property] of Object.entries((document.properties ?? {}) as JsonObject)) {
    if (!key.startsWith(prefix))
      report(
        name,
        `/properties${pointerStep(key)}`,
        'definition.bad_prefix',
        `the key "${key}" must start with "${prefix}", since it stands on another plugin's entity; call it "${prefix}${key.replace(/^[^_]*_/, '')}"`,
      );
    else if (extended.has(key))
      report(
        name,
        `/properties${pointerStep(key)}`,
        'definition.duplicate_field',
        `the field "${key}" is defined twice`,
      );
    else {
      properties[key] = property;
      extended.set(key, name);
    }
  }
  const required = [
    ...new Set([...((base.document.required ?? []) as string[]), ...((document.required ?? []) as string[])]),
  ];
  merged.set(target, { id: target, document: { ...base.document, properties, required }, extended });
}

/** An entity built before from the same document, and what was wrong with it. */
interface Built {
  readonly extended: ReadonlyMap<string, string>;
  readonly entity: EntityModel;
  readonly problems: readonly Parameters<Report>[];
}

const built = new WeakMap<JsonObject, Built>();

/** As buildEntity; of a document that was built before only what its ids change is made anew. Most of a catalog stays as it is. */
function knownEntity(
  merged: MergedDocument,
  recordTypes: readonly RecordTypeModel[],
  uuidOf: (entity: string, field: string) => string,
  report: Report,
): EntityModel {
  const { id, document, extended } = merged;
  if (recordTypes.length > 0) return buildEntity(merged, recordTypes, uuidOf, report);
  const before = built.get(document);
  if (before && before.entity.id === id && isSameMap(before.extended, extended)) {
    for (const problem of before.problems) report(...problem);
    const entity = withUuids(before.entity, uuidOf);
    if (entity !== before.entity) built.set(document, { ...before, entity });
    return entity;
  }
  const problems: Parameters<Report>[] = [];
  const entity = buildEntity(merged, recordTypes, uuidOf, (...problem) => problems.push(problem));
  for (const problem of problems) report(...problem);
  built.set(document, { extended, entity, problems });
  return entity;
}

function withUuids(entity: EntityModel, uuidOf: (entity: string, field: string) => string): EntityModel {
  const { id } = entity;
  const changed: FieldModel[] = [];
  for (const field of entity.fields.values()) {
    const uuid = uuidOf(id, field.key);
    if (uuid !== field.uuid) changed.push({ ...field, uuid });
  }
  const uuid = uuidOf(id, '');
  if (changed.length === 0 && uuid === entity.uuid) return entity;
  const fields = new Map(entity.fields);
  for (const field of changed) fields.set(field.key, field);
  return { ...entity, uuid, fields };
}

function isSameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function buildEntity(
  { id, document, extended }: MergedDocument,
  recordTypes: readonly RecordTypeModel[],
  uuidOf: (entity: string, field: string) => string,
  report: Report,
): EntityModel {
  const x = (document['x-entity'] ?? {}) as JsonObject;
  const ownership = x.ownership === 'none' ? 'none' : 'principal';
  const plugin = id.slice(0, id.indexOf('.'));
  const title = typeof document.title === 'string' ? document.title : id;
  const [idField, ...otherSystem] = systemFields(id, ownership, uuidOf);
  const own = ownFields(id, document, extended, uuidOf, report);
  if (recordTypes.length > 0) own.push(recordTypeField(id, uuidOf(id, recordTypeKey), recordTypes));
  const entity: EntityModel = {
    id,
    uuid: uuidOf(id, ''),
    plugin,
    title,
    titlePlural: typeof x.titlePlural === 'string' ? x.titlePlural : title,
    icon: typeof x.icon === 'string' ? x.icon : 'box',
    ...(typeof x.description === 'string' ? { description: x.description } : {}),
    table: `data.${quoteName(tableName(id))}`,
    source: `data.${quoteName(tableName(id))}`,
    overflow: [],
    tableName: tableName(id),
    fields: new Map([idField, ...own, ...otherSystem].map((field) => [field.key, field])),
    titleField: typeof x.titleField === 'string' ? x.titleField : 'id',
    ownership,
    access: accessOf(x.access),
    defaultSort: (x.defaultSort as string[] | undefined) ?? ['-createdAt'],
    rules: ((x.rules as EntityRule[] | undefined) ?? []).map((rule) => ({ ...rule })),
    indexes: (x.indexes as string[][] | undefined) ?? [],
    unique: (x.unique as string[][] | undefined) ?? [],
    inverses: [],
    recordTypes,
    hidden: x.hidden === true,
    ...(x.privacy === undefined ? {} : { privacy: privacyOf(x.privacy as JsonObject) }),
  };
  checkEntity(entity, document, report);
  return entity;
}

function accessOf(given: unknown): EntityAccess {
  const { default: standard, parent } = (given ?? {}) as { default?: string; parent?: unknown };
  if (standard === 'parent' && typeof parent === 'string') return { default: 'parent', parent };
  return { default: standard === 'read' || standard === 'edit' ? standard : 'private' };
}

function privacyOf({ subject, of, ...rest }: JsonObject): PrivacyModel {
  const { erase, keepReason, keepForDays } = rest as Pick<PrivacyModel, 'erase' | 'keepReason' | 'keepForDays'>;
  return {
    subject: subject === true,
    of: (of ?? []) as string[],
    erase,
    ...(keepReason === undefined ? {} : { keepReason }),
    ...(keepForDays === undefined ? {} : { keepForDays }),
  };
}

function ownFields(
  id: string,
  document: JsonObject,
  extended: ReadonlyMap<string, string>,
  uuidOf: (entity: string, field: string) => string,
  report: Report,
): FieldModel[] {
  const required = new Set((document.required ?? []) as string[]);
  const properties = (document.properties ?? {}) as Record<string, JsonObject>;
  const fields: FieldModel[] = [];
  for (const [key, property] of Object.entries(properties)) {
    const name = extended.get(key) ?? `entity:${id}`;
    const pointer = `/properties${pointerStep(key)}`;
    const isForeign = key.includes('_') && !extended.has(key);
    const problem =
      fieldKeyProblem(key) ??
      (isForeign ? `"${key}" has an underscore, which marks fields that another plugin adds; use camelCase` : null);
    if (problem) {
      report(name, pointer, 'definition.bad_key', problem);
      continue;
    }
    const standing = inlineRefs(property, (document.$defs ?? {}) as JsonObject);
    if (!standing)
      report(name, pointer, 'definition.too_large', 'with its references written out the schema is too large');
    const field =
      standing &&
      buildField({
        entity: id,
        key,
        uuid: uuidOf(id, key),
        property: standing,
        required: required.has(key),
        report: (at, ...rest) => report(name, pointer + at, ...rest),
      });
    if (!field) continue;
    fields.push(field);
    if (!field.kind.currencyColumn) continue;
    const sibling = currencySibling(field, uuidOf(id, `${key}Currency`));
    if (Object.hasOwn(properties, sibling.key))
      report(
        name,
        `/properties${pointerStep(sibling.key)}`,
        'definition.duplicate_field',
        `"${sibling.key}" is made by the money field "${key}" itself; leave it out`,
      );
    else fields.push(sibling);
  }
  return fields;
}
