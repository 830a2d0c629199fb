import type { FieldLevel } from '../../query/index.js';
import type { EntityModel, FieldModel } from '../../schema/index.js';

/** Something that a column can fill: a field, or one member of a composite value. */
export interface Target {
  /** `name` or `billingAddress.street`. */
  readonly path: string;
  readonly field: FieldModel;
  readonly member: string | null;
}

/** System fields that a file may fill (with the import permission). */
const IMPORTABLE_SYSTEM = new Set(['id', 'externalId', 'ownerId', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy']);

/** What columns may fill of an entity, by path. `accessTo` says what the actor may do with a field; one it may not read is not there. */
export function targetsOf(
  entity: EntityModel,
  accessTo: (key: string) => FieldLevel | undefined,
): Map<string, Target> {
  const targets = new Map<string, Target>();
  for (const field of entity.fields.values()) {
    // Lines are records of their own, and are imported as such.
    if (field.retired || field.lines) continue;
    const access = field.key === 'id' ? 'edit' : accessTo(field.key);
    if (access === undefined) continue;
    if (field.system ? !IMPORTABLE_SYSTEM.has(field.key) : field.readOnly || access !== 'edit') continue;
    targets.set(field.key, { path: field.key, field, member: null });
    for (const member of membersOf(field))
      targets.set(`${field.key}.${member}`, { path: `${field.key}.${member}`, field, member });
  }
  return targets;
}

/** Member names of a composite value (address, place), or none. */
export function membersOf(field: FieldModel): string[] {
  const type = field.kind.exprType(field);
  return type.t === 'object' ? Object.keys(type.members) : [];
}
