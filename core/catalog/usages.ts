import type { Usage } from '../../schemas/studio.js';
import { checkExpression } from '../expression/index.js';
import {
  elementKey,
  exprScope,
  pointerStep,
  type EntityModel,
  type FieldModel,
  type SchemaModel,
} from '../schema/index.js';
import type { Definition } from './types.js';

export type { Usage };

type JsonObject = Readonly<Record<string, unknown>>;
type As = Usage['as'];

/**
 * The dependency index: which definition names which entity, field, view, form, role or record type, where and how. Link paths
 * and expressions count for every field on their way. `definitions` are effective ones; saved views may be among them as
 * type `saved-view`. `uses` is `type:id`, of a field `entity:<id>/<key>`. Pure; names that lead nowhere are passed over.
 */
export function usagesOf(schema: SchemaModel, definitions: Iterable<Definition>): Usage[] {
  const usages: Usage[] = [];
  for (const definition of definitions) {
    const { type, id, document } = definition;
    const title = typeof document.title === 'string' ? document.title : id;
    finders[type]?.({
      schema,
      definition,
      add: (uses, as, at) => usages.push({ uses, by: { type, id, at, title }, as }),
    });
  }
  return usages;
}

/** Name of a field, or of the entity itself, as `uses` has it. */
export function usedName(entity: string, field?: string): string {
  return field === undefined ? `entity:${entity}` : `entity:${entity}/${field}`;
}

interface Find {
  readonly schema: SchemaModel;
  readonly definition: Definition;
  add(uses: string, as: As, at: string): void;
}

/** One entry a definition type. */
const finders: Readonly<Record<string, (find: Find) => void>> = {
  entity: findInEntity,
  view: findInView,
  'saved-view': findInView,
  form: findInForm,
  navigation: findInNavigation,
  role: findInRole,
  'sharing-rule': findInAccessRule,
  'restriction-rule': findInAccessRule,
  translation: findInTranslation,
  'record-type': findInRecordType,
};

function findInEntity(find: Find): void {
  const entity = find.schema.entities.get(find.definition.id);
  if (!entity) return;
  for (const field of entity.fields.values())
    if (!field.system && !field.retired && !field.rollup?.isCurrency) findInField(find, entity, field);
  path(find, entity, entity.titleField, { as: 'shown', at: '/x-entity/titleField' });
  for (const key of entity.defaultSort)
    path(find, entity, key, { as: 'sorted', at: `/x-entity/defaultSort${pointerStep(key)}` });
  for (const rule of entity.rules) {
    const at = `/x-entity/rules${pointerStep(rule.id)}`;
    cel(find, entity, rule.when, `${at}/when`);
    cel(find, entity, rule.check, `${at}/check`);
    if (rule.field !== undefined) path(find, entity, rule.field, { as: 'shown', at: `${at}/field` });
  }
  if (entity.access.default === 'parent')
    path(find, entity, entity.access.parent, { as: 'grant', at: '/x-entity/access/parent' });
  for (const name of ['indexes', 'unique'] as const)
    for (const key of new Set(entity[name].flat())) path(find, entity, key, { as: 'sorted', at: `/x-entity/${name}` });
}

function findInField(find: Find, entity: EntityModel, field: FieldModel): void {
  const at = `/properties${pointerStep(field.key)}/x-field`;
  if (typeof field.x.to === 'string' || Array.isArray(field.x.to))
    for (const id of field.to) if (id !== '*') find.add(usedName(id), 'link', `${at}/to`);
  for (const keyword of ['showWhen', 'requireWhen', 'readOnlyWhen'])
    cel(find, entity, field.x[keyword], `${at}/${keyword}`);
  for (const read of field.formula?.reads ?? [])
    find.add(usedName(read.entity, read.field), 'expression', `${at}/expression`);
  for (const read of field.rollup?.reads ?? []) find.add(usedName(read.entity, read.field), 'rollup', at);
  if (field.rollup) find.add(usedName(field.rollup.entity, field.rollup.link), 'rollup', `${at}/of`);
  if (field.lines) find.add(usedName(field.lines.entity, field.lines.link), 'lines', `${at}/of`);
}

function findInView(find: Find): void {
  const view = find.definition.document;
  const entity = target(find, view.entity, 'shown');
  if (!entity) return;
  const one = (key: unknown, as: As, at: string): void => path(find, entity, key, { as, at });
  each(view.columns, '/columns', (column, at) => one(column.field, 'shown', `${at}/field`));
  texts(view.sort).forEach((key) => one(key, 'sorted', `/sort${pointerStep(key)}`));
  one(view.groupBy, 'grouped', '/groupBy');
  texts((view.card as JsonObject | undefined)?.fields).forEach((key) =>
    one(key, 'shown', `/card/fields${pointerStep(key)}`),
  );
  each(view.totals, '/totals', (total, at) => one(total.field, 'shown', `${at}/field`));
  for (const name of ['calendar', 'map'])
    for (const [key, field] of Object.entries((view[name] ?? {}) as JsonObject)) one(field, 'shown', `/${name}/${key}`);
  cel(find, entity, view.filter, '/filter');
}

function findInForm(find: Find): void {
  const form = find.definition.document;
  const entity = target(find, form.entity, 'shown');
  if (!entity) return;
  const header = (form.header ?? {}) as JsonObject;
  for (const key of texts(header.facts))
    path(find, entity, key, { as: 'shown', at: `/header/facts${pointerStep(key)}` });
  path(find, entity, header.status, { as: 'shown', at: '/header/status' });
  cel(find, entity, form.when, '/when');
  for (const id of texts(form.roles)) find.add(`role:${id}`, 'link', `/roles${pointerStep(id)}`);
  for (const id of texts(form.recordTypes)) find.add(`record-type:${id}`, 'link', `/recordTypes${pointerStep(id)}`);
  each(form.tabs, '/tabs', (tab, at) => cel(find, entity, tab.showWhen, `${at}/showWhen`));
  each(form.sections, '/sections', (section, at) => {
    cel(find, entity, section.showWhen, `${at}/showWhen`);
    cel(find, entity, section.readOnlyWhen, `${at}/readOnlyWhen`);
    each(section.fields, `${at}/fields`, ({ field }, inner) =>
      path(find, entity, field, { as: 'shown', at: `${inner}/field` }),
    );
  });
  each(form.related, '/related', (related, at) => findInRelated(find, entity, related, at));
}

function findInRelated(find: Find, entity: EntityModel, related: JsonObject, at: string): void {
  const inverse = entity.inverses.find((candidate) => candidate.key === related.key);
  const child = inverse && find.schema.entities.get(inverse.entity);
  if (!inverse || !child) return;
  find.add(usedName(inverse.entity, inverse.field), 'link', `${at}/key`);
  for (const key of texts(related.columns))
    path(find, child, key, { as: 'shown', at: `${at}/columns${pointerStep(key)}` });
  for (const key of texts(related.sort)) path(find, child, key, { as: 'sorted', at: `${at}/sort${pointerStep(key)}` });
}

function findInNavigation(find: Find): void {
  each(find.definition.document.items, '/items', ({ entity, view }, at) => {
    if (typeof entity === 'string') find.add(usedName(entity), 'link', `${at}/entity`);
    if (typeof view === 'string') find.add(`view:${view}`, 'link', `${at}/view`);
  });
}

function findInRole(find: Find): void {
  const { grants, fields } = find.definition.document;
  each(grants, '/grants', (grant, at) => {
    const entity = find.schema.entities.get(String(grant.entity));
    if (!entity) return;
    find.add(usedName(entity.id), 'grant', at);
    cel(find, entity, grant.readWhen, `${at}/readWhen`);
  });
  each(fields, '/fields', (rule, at) => {
    const entity = find.schema.entities.get(String(rule.entity));
    if (entity) path(find, entity, rule.field, { as: 'grant', at });
  });
}

/** Sharing and restriction rules. */
function findInAccessRule(find: Find): void {
  const { entity: id, when, roles, to, ownedBy } = find.definition.document as Record<string, JsonObject | undefined>;
  const entity = target(find, id, 'grant');
  if (!entity) return;
  cel(find, entity, when, '/when');
  const lists = { '/roles': roles, '/to/roles': to?.roles, '/ownedBy/roles': ownedBy?.roles };
  for (const [at, list] of Object.entries(lists))
    for (const role of texts(list)) find.add(`role:${role}`, 'link', `${at}${pointerStep(role)}`);
}

/** One usage a definition or field: the texts of a field are one thing. */
function findInTranslation(find: Find): void {
  for (const [name, messages] of Object.entries((find.definition.document.messages ?? {}) as JsonObject)) {
    const used = name.startsWith('extension:') ? `entity:${name.slice(name.indexOf('.') + 1)}` : name;
    const id = used.slice(used.indexOf(':') + 1);
    const fields = used.startsWith('entity:') ? find.schema.entities.get(id)?.fields : undefined;
    const places = new Set(
      Object.keys(messages as JsonObject).map((pointer) => {
        const [, first, key] = pointer.split('/');
        return first === 'properties' && fields?.has(key) ? `/${key}` : '';
      }),
    );
    for (const place of places) find.add(used + place, 'text', `/messages${pointerStep(name)}`);
  }
}

function findInRecordType(find: Find): void {
  const { entity: id, options, defaults, form } = find.definition.document;
  const entity = target(find, id, 'shown');
  if (!entity) return;
  for (const [name, keys] of Object.entries({ options, defaults }))
    for (const key of Object.keys((keys ?? {}) as JsonObject))
      path(find, entity, key, { as: 'shown', at: `/${name}${pointerStep(key)}` });
  if (typeof form === 'string') find.add(`form:${form}`, 'link', '/form');
}

function target(find: Find, id: unknown, as: As): EntityModel | null {
  const entity = find.schema.entities.get(String(id));
  if (entity) find.add(usedName(entity.id), as, '/entity');
  return entity ?? null;
}

/** Every field on the way of `-company.name`. */
function path(find: Find, entity: EntityModel, text: unknown, { as, at }: { as: As; at: string }): void {
  if (typeof text === 'string') walk(find, entity, text.replace(/^-/, '').split('.'), { as, at });
}

function cel(find: Find, entity: EntityModel, text: unknown, at: string): void {
  if (typeof text !== 'string') return;
  for (const steps of pathsOf(find.schema, entity, text)) walk(find, entity, steps, { as: 'expression', at });
}

function walk(find: Find, start: EntityModel, steps: readonly string[], { as, at }: { as: As; at: string }): void {
  let entity: EntityModel | undefined = start;
  for (const step of steps) {
    const field: FieldModel | undefined = entity?.fields.get(step);
    if (!entity || !field) return;
    find.add(usedName(entity.id, step), as, at);
    entity = field.kind.relation === 'one' ? find.schema.entities.get(field.to[0]) : undefined;
  }
}

/** Paths that an expression reads; of one that does not check, the words that are fields. */
function pathsOf(schema: SchemaModel, entity: EntityModel, text: string): readonly (readonly string[])[] {
  try {
    return checkExpression(text, exprScope(schema, entity.id)).paths;
  } catch {
    const bare = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, ' ');
    return [...new Set(bare.match(/[A-Za-z_][\w.]*/g))].map((word) => word.split('.'));
  }
}

function each(list: unknown, at: string, visit: (element: JsonObject, at: string) => void): void {
  for (const [i, element] of (Array.isArray(list) ? (list as JsonObject[]) : []).entries())
    visit(element, at + pointerStep(elementKey(element) ?? i));
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string') : [];
}
