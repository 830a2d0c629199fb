import { pointerStep, createRecordValidator, type CoerceEnv } from '../schema/index.js';
import { findDefinition, findField, type Check } from './check-names.js';

/** Defaults are written without anyone to ask, so that nothing about them may hang on a region. */
export const defaultsEnv: CoerceEnv = { region: 'US', zone: 'UTC', dateOrder: 'ymd', decimalSeparator: '.' };

/** The form and the defaults; that entity, choices and options exist is told with the schema. */
export function checkRecordType(check: Check): void {
  const { entity: id, form, defaults } = check.definition.document;
  const entity = check.known.schema.entities.get(String(id));
  if (!entity) return;
  if (typeof form === 'string') {
    const found = findDefinition(check, 'form', form, { pointer: '/form' });
    if (found && found.document.entity !== entity.id)
      check.report('/form', 'definition.other_entity', `"${form}" is a form of ${String(found.document.entity)}.`);
  }
  for (const [key, value] of Object.entries((defaults ?? {}) as Readonly<Record<string, unknown>>)) {
    const pointer = `/defaults${pointerStep(key)}`;
    const field = findField(check, entity, key, pointer);
    if (!field) continue;
    if (field.system || field.readOnly || field.kind.relation === 'many' || field.lines)
      check.report(pointer, 'definition.no_default', `"${key}" cannot have a default.`);
    else
      for (const issue of createRecordValidator(entity)({ [key]: value }, 'update', defaultsEnv).issues)
        check.report(pointer, 'definition.bad_default', issue.message);
    const allowed = (check.definition.document.options as Readonly<Record<string, string[]>> | undefined)?.[key];
    const refused = [value].flat().find((one) => allowed && !allowed.includes(String(one)));
    if (refused !== undefined)
      check.report(pointer, 'definition.bad_default', `"${String(refused)}" is not among the options of this type.`);
  }
}
