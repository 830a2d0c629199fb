import { didYouMean } from '../base/suggest.js';
import type { EntityModel } from '../schema/index.js';
import { checkCel, findDefinition, findEntity, findField, findPath, list, type Check } from './check-names.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** Fields, conditions, tabs, related lists, and whom a form is for. */
export function checkForm(check: Check): void {
  const form = check.definition.document;
  const entity = findEntity(check, form.entity, '/entity');
  if (!entity) return;
  const header = form.header as { facts?: unknown; status?: unknown } | undefined;
  list(header?.facts).forEach((key, i) => findPath(check, entity, key, `/header/facts/${i}`));
  if (header?.status !== undefined) findPath(check, entity, header.status, '/header/status');
  checkAudience(check, entity);
  const tabs = list(form.tabs) as JsonObject[];
  tabs.forEach((tab, i) => checkCel(check, entity, tab.showWhen, `/tabs/${i}/showWhen`));
  checkIds(check, tabs, '/tabs');
  const sections = list(form.sections) as JsonObject[];
  sections.forEach((section, i) => checkSection(check, entity, { section, at: `/sections/${i}`, tabs }));
  checkIds(check, sections, '/sections');
  list(form.related).forEach((related, i) => checkRelated(check, entity, related as JsonObject, i));
}

function checkAudience(check: Check, entity: EntityModel): void {
  const { when, roles, recordTypes } = check.definition.document;
  checkCel(check, entity, when, '/when');
  list(roles).forEach((id, i) => findDefinition(check, 'role', String(id), { pointer: `/roles/${i}`, lenient: true }));
  list(recordTypes).forEach((id, i) => {
    const pointer = `/recordTypes/${i}`;
    const type = findDefinition(check, 'record-type', String(id), { pointer });
    if (type && type.document.entity !== entity.id)
      check.report(
        pointer,
        'definition.other_entity',
        `"${String(id)}" is a record type of ${String(type.document.entity)}, not of ${entity.id}.`,
      );
  });
}

function checkSection(
  check: Check,
  entity: EntityModel,
  { section, at, tabs }: { readonly section: JsonObject; readonly at: string; readonly tabs: readonly JsonObject[] },
): void {
  list(section.fields).forEach((field, j) =>
    findField(check, entity, (field as JsonObject).field, `${at}/fields/${j}/field`),
  );
  checkCel(check, entity, section.showWhen, `${at}/showWhen`);
  checkCel(check, entity, section.readOnlyWhen, `${at}/readOnlyWhen`);
  const ids = tabs.map((tab) => String(tab.id));
  if (section.tab !== undefined && !ids.includes(String(section.tab)))
    check.report(
      `${at}/tab`,
      'definition.unknown_tab',
      `the form has no tab "${String(section.tab)}".${didYouMean(String(section.tab), ids)}`,
    );
}

/** Two of the same id could not be told apart by a change. */
function checkIds(check: Check, elements: readonly JsonObject[], at: string): void {
  const ids = elements.map((element) => element.id);
  ids.forEach((id, i) => {
    if (ids.indexOf(id) < i)
      check.report(`${at}/${i}/id`, 'definition.duplicate_id', `"${String(id)}" is given twice.`);
  });
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
