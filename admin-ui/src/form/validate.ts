import { Validator } from '@cfworker/json-schema';
import type { CatalogField } from '../../../schemas/catalog.js';
import { isEmpty, REFERENCE_KINDS, written } from '../widgets/written.js';

/** One finding about a field: a code with parameters; `message` is the server's English text, where there is one. */
export interface FieldIssue {
  code: string;
  params?: Record<string, unknown>;
  message?: string;
}

/** What is wrong with a value before the server is asked; null where nothing is. Only the first finding: one is enough to read. */
export function checkField(field: CatalogField, value: unknown): FieldIssue | null {
  if (isEmpty(value)) return field.required && field.kind !== 'boolean' ? { code: 'required' } : null;
  if (REFERENCE_KINDS.has(field.kind)) return null;
  const schema = schemaOf(field);
  if (!schema) return null;
  const result = validatorOf(field, schema).validate(written(field, value));
  if (result.valid) return null;
  const first =
    result.errors.find(
      (error) => error.keyword !== 'allOf' && error.keyword !== 'properties' && error.keyword !== 'items',
    ) ?? result.errors[0];
  if (!first) return null;
  const limit = limitAt(schema, first.keyword);
  // A mail address that fits no pattern is better called that than "not in the expected form".
  const code =
    first.keyword === 'pattern' || first.keyword === 'format' ? field.kind : (CODES[first.keyword] ?? 'invalid');
  return { code, params: limit === undefined ? undefined : { limit }, message: first.error };
}

/** JSON Schema keyword → the code that the server uses for the same finding. */
const CODES: Record<string, string> = {
  minLength: 'too_short',
  maxLength: 'too_long',
  minimum: 'too_small',
  exclusiveMinimum: 'too_small',
  maximum: 'too_large',
  exclusiveMaximum: 'too_large',
  enum: 'choice',
  const: 'choice',
  type: 'type',
  multipleOf: 'step',
  minItems: 'too_few',
  maxItems: 'too_many',
  uniqueItems: 'twice',
  required: 'part_required',
};

function schemaOf(field: CatalogField): Record<string, unknown> | null {
  return field.schema && Object.keys(field.schema).length > 0 ? field.schema : null;
}

function limitAt(schema: Record<string, unknown>, keyword: string): number | undefined {
  const limit = schema[keyword];
  return typeof limit === 'number' ? limit : undefined;
}

// Dereferencing a schema costs more than validating with it.
const validators = new WeakMap<object, Validator>();
function validatorOf(field: CatalogField, schema: Record<string, unknown>): Validator {
  const found = validators.get(field.schema);
  if (found) return found;
  const made = new Validator(schema, '2020-12', true);
  validators.set(field.schema, made);
  return made;
}
