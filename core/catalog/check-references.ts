import { checkForm } from './check-form.js';
import {
  checkCel,
  findDefinition,
  findEntity,
  findField,
  isInstalled,
  list,
  type Check,
  type Known,
} from './check-names.js';
import { checkRecordType } from './check-record-type.js';
import { checkTemplateDefinition, checkTranslatedTemplates } from './check-template.js';
import { checkView } from './check-view.js';
import type { Definition } from './types.js';

export type { Known };

/** A fault of a definition: where and why. */
export type ReportFault = (definition: Definition, pointer: string, code: string, message: string) => void;

/** Checks every name and expression that a definition uses against the effective schema. Types without references pass. */
export function checkReferences(known: Known, definition: Definition, report: ReportFault): void {
  checks[definition.type]?.({
    known,
    definition,
    report: (pointer, code, message) => report(definition, pointer, code, message),
  });
}

/** One entry a definition type: the shape itself was checked by its JSON Schema. */
const checks: Readonly<Record<string, (check: Check) => void>> = {
  entity: checkRules,
  view: checkView,
  form: checkForm,
  navigation: checkNavigation,
  role: checkRole,
  'sharing-rule': checkSharingRule,
  'restriction-rule': checkRestrictionRule,
  'record-type': checkRecordType,
  template: checkTemplateDefinition,
  translation: checkTranslatedTemplates,
};

function checkRules(check: Check): void {
  const entity = check.known.schema.entities.get(check.definition.id);
  entity?.rules.forEach((rule, i) => {
    checkCel(check, entity, rule.when, `/x-entity/rules/${i}/when`);
    checkCel(check, entity, rule.check, `/x-entity/rules/${i}/check`);
  });
}

function checkNavigation(check: Check): void {
  list(check.definition.document.items).forEach((item, i) => {
    const { entity, view } = item as { entity?: string; view?: string };
    if (entity !== undefined) findEntity(check, entity, `/items/${i}/entity`);
    if (view !== undefined) findDefinition(check, 'view', view, { pointer: `/items/${i}/view` });
  });
}

/**
 * A role may name entities of plugins that are not installed; where the entity is there, the field must be too, be it retired. A
 * rule that is kept waits for what it names.
 */
function checkRole(check: Check): void {
  const { entities } = check.known.schema;
  list(check.definition.document.grants).forEach((grant, i) => {
    const { entity, readWhen, keep } = grant as { entity: string; readWhen?: unknown; keep?: boolean };
    const model = entities.get(entity);
    if (model) checkCel(check, model, readWhen, `/grants/${i}/readWhen`);
    else if (entity !== '*' && !keep && isInstalled(check, entity)) findEntity(check, entity, `/grants/${i}/entity`);
  });
  list(check.definition.document.fields).forEach((rule, i) => {
    const { entity, field, keep } = rule as { entity: string; field: string; keep?: boolean };
    const model = entities.get(entity);
    if (keep || model?.fields.get(field)?.retired) return;
    if (model) findField(check, model, field, `/fields/${i}/field`);
    else if (isInstalled(check, entity)) findEntity(check, entity, `/fields/${i}/entity`);
  });
}

/** A rule by owner needs records that have owners. */
function checkSharingRule(check: Check): void {
  const { document } = check.definition;
  const entity = findEntity(check, document.entity, '/entity');
  if (!entity) return;
  checkCel(check, entity, document.when, '/when');
  for (const key of ['to', 'ownedBy'])
    checkRoles(check, (document[key] as { roles?: unknown } | undefined)?.roles, `/${key}/roles`);
  if (document.ownedBy !== undefined && entity.ownership === 'none')
    check.report('/ownedBy', 'definition.no_owner', `${entity.titlePlural} have no owner; share them by "when".`);
}

function checkRestrictionRule(check: Check): void {
  const { document } = check.definition;
  const entity = findEntity(check, document.entity, '/entity');
  if (!entity) return;
  checkCel(check, entity, document.when, '/when');
  checkRoles(check, document.roles, '/roles');
}

function checkRoles(check: Check, roles: unknown, pointer: string): void {
  list(roles).forEach((id, i) =>
    findDefinition(check, 'role', String(id), { pointer: `${pointer}/${i}`, lenient: true }),
  );
}
