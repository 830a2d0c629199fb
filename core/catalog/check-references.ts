import { didYouMean } from '../base/suggest.js';
import { checkExpression, type ExprType } from '../expression/index.js';
import { exprScope, type EntityModel, type FieldModel, type SchemaModel } from '../schema/index.js';
import type { Definition } from './types.js';

/** A fault of a definition: where and why. */
export type ReportFault = (definition: Definition, pointer: string, code: string, message: string) => void;

/** What the checks look names up in. */
export interface Known {
  readonly schema: SchemaModel;
  definitions(type: string): ReadonlyMap<string, Definition>;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Checks every name and expression that a definition uses against the effective schema. Types without references pass. */
export function checkReferences(known: Known, definition: Definition, report: ReportFault): void {
  checks[definition.type]?.({
    known,
    definition,
    report: (pointer, code, message) => report(definition, pointer, code, message),
  });
}

interface Check {
  readonly known: Known;
  readonly definition: Definition;
  readonly report: (pointer: string, code: string, message: string) => void;
}

/** One entry a definition type: the shape itself was checked by its JSON Schema. */
const checks: Readonly<Record<string, (check: Check) => void>> = {
  entity: checkRules,
  view: checkView,
  form: checkForm,
  navigation: checkNavigation,
  role: checkRole,
};

function checkRules(check: Check): void {
  const entity = check.known.schema.entities.get(check.definition.id);
  entity?.rules.forEach((rule, i) => {
    checkCel(check, entity, rule.when, `/x-entity/rules/${i}/when`);
    checkCel(check, entity, rule.check, `/x-entity/rules/${i}/check`);
  });
}

function checkView(check: Check): void {
  const view = check.definition.document;
  const entity = findEntity(check, view.entity, '/entity');
  if (!entity) return;
  list(view.columns).forEach((column, i) =>
    findPath(check, entity, (column as JsonObject).field, `/columns/${i}/field`),
  );
  list(view.sort).forEach((key, i) => {
    const field = findPath(check, entity, String(key).replace(/^-/, ''), `/sort/${i}`);
    if (field && field.kind.sortSql(field, 't', '"C"') === null)
      check.report(`/sort/${i}`, 'definition.not_sortable', `records cannot be sorted by "${field.key}".`);
  });
  if (view.groupBy !== undefined) {
    const field = findPath(check, entity, view.groupBy, '/groupBy');
    if (field && view.type === 'board' && field.options.length === 0)
      check.report(
        '/groupBy',
        'definition.no_options',
        `a board needs a choice field for its columns; "${field.key}" has no options.`,
      );
  }
  list((view.card as JsonObject | undefined)?.fields).forEach((key, i) =>
    findPath(check, entity, key, `/card/fields/${i}`),
  );
  list(view.totals).forEach((total, i) => {
    const { field: key, fn } = total as { field: string; fn: string };
    const field = findPath(check, entity, key, `/totals/${i}/field`);
    const fns = field?.kind.aggregates(field) as readonly string[] | undefined;
    if (fns && !fns.includes(fn))
      check.report(
        `/totals/${i}/fn`,
        'definition.no_aggregate',
        `"${key}" has no "${fn}".${didYouMean(fn, fns)} It has ${fns.join(', ') || 'none'}.`,
      );
  });
  checkCel(check, entity, view.filter, '/filter');
}

function checkForm(check: Check): void {
  const form = check.definition.document;
  const entity = findEntity(check, form.entity, '/entity');
  if (!entity) return;
  const header = form.header as { facts?: unknown; status?: unknown } | undefined;
  list(header?.facts).forEach((key, i) => findPath(check, entity, key, `/header/facts/${i}`));
  if (header?.status !== undefined) findPath(check, entity, header.status, '/header/status');
  list(form.sections).forEach((section, i) => {
    const { fields, showWhen } = section as { fields?: unknown; showWhen?: unknown };
    list(fields).forEach((field, j) =>
      findField(check, entity, (field as JsonObject).field, `/sections/${i}/fields/${j}/field`),
    );
    checkCel(check, entity, showWhen, `/sections/${i}/showWhen`);
  });
  list(form.related).forEach((related, i) => checkRelated(check, entity, related as JsonObject, i));
}

function checkRelated(check: Check, entity: EntityModel, related: JsonObject, i: number): void {
  const inverse = entity.inverses.find((candidate) => candidate.key === related.key);
  if (!inverse) {
    const keys = entity.inverses.map((candidate) => candidate.key);
    check.report(
      `/related/${i}/key`,
      'definition.unknown_related',
      `${entity.title} has no related list "${String(related.key)}".${didYouMean(String(related.key), keys)}`,
    );
    return;
  }
  const target = check.known.schema.entities.get(inverse.entity);
  if (!target) return;
  list(related.columns).forEach((key, j) => findPath(check, target, key, `/related/${i}/columns/${j}`));
  list(related.sort).forEach((key, j) =>
    findPath(check, target, String(key).replace(/^-/, ''), `/related/${i}/sort/${j}`),
  );
}

function checkNavigation(check: Check): void {
  list(check.definition.document.items).forEach((item, i) => {
    const { entity, view } = item as { entity?: string; view?: string };
    if (entity !== undefined) findEntity(check, entity, `/items/${i}/entity`);
    const views = check.known.definitions('view');
    if (view !== undefined && !views.has(view))
      check.report(
        `/items/${i}/view`,
        'definition.unknown_view',
        `unknown view "${view}".${didYouMean(view, views.keys())}`,
      );
  });
}

/** A role may name entities of plugins that are not installed; where the entity is there, the field must be too. */
function checkRole(check: Check): void {
  const { entities } = check.known.schema;
  list(check.definition.document.grants).forEach((grant, i) => {
    const { entity, readWhen } = grant as { entity: string; readWhen?: unknown };
    const model = entities.get(entity);
    if (model) checkCel(check, model, readWhen, `/grants/${i}/readWhen`);
    else if (entity !== '*' && isInstalled(check, entity)) findEntity(check, entity, `/grants/${i}/entity`);
  });
  list(check.definition.document.fields).forEach((rule, i) => {
    const { entity, field } = rule as { entity: string; field: string };
    const model = entities.get(entity);
    if (model) findField(check, model, field, `/fields/${i}/field`);
    else if (isInstalled(check, entity)) findEntity(check, entity, `/fields/${i}/entity`);
  });
}

function isInstalled(check: Check, entity: string): boolean {
  const prefix = `${entity.split('.')[0]}.`;
  return [...check.known.schema.entities.keys()].some((id) => id.startsWith(prefix));
}

function findEntity(check: Check, id: unknown, pointer: string): EntityModel | null {
  const { entities } = check.known.schema;
  const entity = entities.get(String(id));
  if (!entity)
    check.report(
      pointer,
      'definition.unknown_entity',
      `unknown entity "${String(id)}".${didYouMean(String(id), entities.keys())}`,
    );
  return entity ?? null;
}

function findField(check: Check, entity: EntityModel, key: unknown, pointer: string): FieldModel | null {
  const word = String(key);
  const field = entity.fields.get(word);
  if (!field || field.retired) {
    check.report(
      pointer,
      'definition.unknown_field',
      `${entity.title} has no field "${word}".${didYouMean(word, entity.fields.keys())}`,
    );
    return null;
  }
  return field;
}

/** A field, or a path over links to one: `company.name`. */
function findPath(check: Check, entity: EntityModel, path: unknown, pointer: string): FieldModel | null {
  const steps = String(path).split('.');
  let current = entity;
  for (const [i, step] of steps.entries()) {
    const field = findField(check, current, step, pointer);
    if (!field || i === steps.length - 1) return field;
    const target = field.kind.relation === 'one' ? check.known.schema.entities.get(field.to[0]) : undefined;
    if (!target) {
      check.report(
        pointer,
        'definition.no_path',
        `"${steps.slice(0, i + 1).join('.')}" is no link to one record, so nothing can follow it.`,
      );
      return null;
    }
    current = target;
  }
  return null;
}

const booleanType: ExprType = { t: 'boolean' };

function checkCel(check: Check, entity: EntityModel, text: unknown, pointer: string): void {
  if (typeof text !== 'string') return;
  try {
    checkExpression(text, exprScope(check.known.schema, entity.id), booleanType);
  } catch (error) {
    check.report(pointer, 'definition.bad_expression', error instanceof Error ? error.message : String(error));
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
