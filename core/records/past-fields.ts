import { quote } from '../query/index.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import type { Ctx, RecordData } from '../sdk/index.js';
import { stored } from './draft.js';
import { coerceEnv } from './prepare.js';

/** Fields with a column that history follows, and those of the system. */
export function columnFields(entity: EntityModel): FieldModel[] {
  return [...entity.fields.values()].filter(
    (field) => !field.retired && !field.rollup && field.kind.columns(field).length > 0,
  );
}

/** `"name" text, …`: the columns of these fields, as a list of definitions. */
export function columnsOf(fields: readonly FieldModel[]): string {
  return fields
    .flatMap((field) => field.kind.columns(field))
    .map(({ name, type }) => `${quote(name)} ${type}`)
    .join(', ');
}

/** Stored values as columns. What a field held before it became of another kind is none of its values now. */
export function rowOf(ctx: Ctx, fields: readonly FieldModel[], values: RecordData): Record<string, unknown> {
  const env = coerceEnv(ctx);
  const row: Record<string, unknown> = {};
  for (const field of fields) {
    const value = stored(field, values[field.key]);
    const [{ name }] = field.kind.columns(field);
    if (field.kind.sealed) row[name] = value === null ? null : 'set';
    else if (value === null || field.system) Object.assign(row, field.kind.encode(value, field));
    else {
      const checked = field.kind.normalize(value, field, env);
      Object.assign(row, field.kind.encode(checked.ok ? checked.value : null, field));
    }
  }
  return row;
}
