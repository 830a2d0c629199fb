import type { FieldModel, SchemaModel } from './model.js';

/** Tells a fault of one field; `at` is relative to its property. */
export type FieldReport = (field: FieldModel, at: string, code: string, message: string) => void;

/** All fields of a kind that are in use. */
export function fieldsOfKind(schema: SchemaModel, kind: string): FieldModel[] {
  const found: FieldModel[] = [];
  for (const entity of schema.entities.values())
    for (const field of entity.fields.values()) if (field.kind.id === kind && !field.retired) found.push(field);
  return found;
}

/** `contacts.company.openAmount`, for messages. */
export function nameOf(field: FieldModel): string {
  return `${field.entity}.${field.key}`;
}
