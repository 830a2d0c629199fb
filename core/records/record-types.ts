import { recordTypeKey, type EntityModel, type FieldModel, type RecordTypeModel } from '../schema/index.js';
import type { Ctx, Json, RecordData } from '../sdk/index.js';
import type { Draft } from './draft.js';
import type { Write } from './prepare.js';

/** True where a record type of the entity has a say in one of these fields. */
export function concernsTypes(entity: EntityModel, keys: readonly string[]): boolean {
  return (
    entity.recordTypes.length > 0 &&
    keys.some((key) => key === recordTypeKey || entity.recordTypes.some((type) => type.options.has(key)))
  );
}

/** What a new record has in a field that was not given: what its type says, else the field's own default where the type allows it. */
export function standardValue(entity: EntityModel, next: RecordData, field: FieldModel): unknown {
  const type = typeOf(entity, next[recordTypeKey] ?? standardType(entity));
  if (type && Object.hasOwn(type.defaults, field.key)) return type.defaults[field.key];
  const allowed = type?.options.get(field.key);
  const isAllowed = !allowed || valuesOf(field.default as Json | undefined).every((value) => allowed.includes(value));
  return isAllowed ? field.default : undefined;
}

/**
 * Refuses options that the record's type does not allow. On update only where the type or the field changes: what was
 * narrowed later holds nobody up.
 */
export function checkRecordType(write: Write<Ctx>, draft: Draft): void {
  const { entity, operation, fields } = write;
  const type = typeOf(entity, draft.next[recordTypeKey]);
  if (!type) return;
  for (const [key, allowed] of type.options) {
    if (operation === 'update' && !draft.changed.has(key) && !draft.changed.has(recordTypeKey)) continue;
    const refused = valuesOf(draft.next[key]).filter((value) => !allowed.includes(value));
    const field = entity.fields.get(key);
    if (refused.length === 0 || !field || field.retired || draft.issues.some((issue) => issue.path === key)) continue;
    const title = field.options.find((option) => option.value === refused[0])?.title ?? refused[0];
    draft.issues.push(
      fields.has(key)
        ? {
            path: key,
            code: 'record.option_not_in_type',
            message: `"${title}" cannot be chosen for ${type.title}.`,
            params: { field: key, value: refused[0], recordType: type.id, options: [...allowed] },
          }
        : // What the actor may not read is not named.
          {
            path: recordTypeKey,
            code: 'record.option_not_in_type',
            message: `The record does not fit ${type.title}.`,
            params: { field: recordTypeKey, recordType: type.id },
          },
    );
  }
}

function typeOf(entity: EntityModel, id: Json | undefined): RecordTypeModel | undefined {
  return entity.recordTypes.find((type) => type.id === id);
}

function standardType(entity: EntityModel): string | undefined {
  return entity.recordTypes.find((type) => type.isDefault && !type.retired)?.id;
}

function valuesOf(value: Json | undefined): string[] {
  return [value ?? []].flat().filter((one): one is string => typeof one === 'string');
}
