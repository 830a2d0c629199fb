import type { ErrorObject } from 'ajv';
import type { Issue } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { FieldModel } from './model.js';

/** What ajv found in one field as one issue: a dotted code, a text, the bounds as params. */
export function fieldIssue(field: FieldModel, errors: readonly ErrorObject[]): Issue {
  const error = telling(errors);
  const at = error.instancePath.split('/').slice(2).join('/');
  const { code, message, params } = words(error);
  return {
    path: field.key,
    code,
    message: `${field.title}: ${message}`,
    params: { field: field.key, ...(at === '' ? {} : { at: `/${at}` }), ...params },
  };
}

/** Of the errors that `anyOf` brings along, the deepest says most; of several, the first that is not about the type. */
function telling(errors: readonly ErrorObject[]): ErrorObject {
  const depth = (error: ErrorObject): number => error.instancePath.split('/').length;
  const candidates = errors.filter((error) => error.keyword !== 'anyOf');
  const deepest = Math.max(...candidates.map(depth));
  const deep = candidates.filter((error) => depth(error) === deepest);
  return deep.find((error) => error.keyword !== 'type') ?? deep[0] ?? errors[0];
}

interface Words {
  readonly code: string;
  readonly message: string;
  readonly params?: Record<string, unknown>;
}

function words(error: ErrorObject): Words {
  const params = error.params as Record<string, unknown>;
  const limit = params.limit;
  const table: Readonly<Record<string, () => Words>> = {
    type: () => ({ code: 'field.type', message: `must be ${typeName(params.type)}.`, params: { type: params.type } }),
    maxLength: () => ({ code: 'field.too_long', message: `at most ${String(limit)} characters.`, params: { limit } }),
    minLength: () => ({ code: 'field.too_short', message: `at least ${String(limit)} characters.`, params: { limit } }),
    maximum: () => ({ code: 'field.too_large', message: `at most ${String(limit)}.`, params: { limit } }),
    exclusiveMaximum: () => ({ code: 'field.too_large', message: `less than ${String(limit)}.`, params: { limit } }),
    minimum: () => ({ code: 'field.too_small', message: `at least ${String(limit)}.`, params: { limit } }),
    exclusiveMinimum: () => ({ code: 'field.too_small', message: `more than ${String(limit)}.`, params: { limit } }),
    multipleOf: () => ({
      code: 'field.step',
      message: `must be a multiple of ${String(params.multipleOf)}.`,
      params: { step: params.multipleOf },
    }),
    pattern: () => ({
      code: 'field.pattern',
      message: `must match ${String(params.pattern)}.`,
      params: { pattern: params.pattern },
    }),
    enum: () => choice(error, params.allowedValues),
    maxItems: () => ({ code: 'field.too_many', message: `at most ${String(limit)} entries.`, params: { limit } }),
    minItems: () => ({ code: 'field.too_few', message: `at least ${String(limit)} entries.`, params: { limit } }),
    required: () => ({
      code: 'field.part_required',
      message: `"${String(params.missingProperty)}" is missing.`,
      params: { part: params.missingProperty },
    }),
    additionalProperties: () => ({
      code: 'field.unknown_part',
      message: `there is no part "${String(params.additionalProperty).slice(0, 80)}".`,
      params: { part: params.additionalProperty },
    }),
  };
  return table[error.keyword]?.() ?? { code: 'field.invalid', message: `${error.message ?? 'is not valid'}.` };
}

function choice(error: ErrorObject, allowed: unknown): Words {
  const options = (allowed as unknown[]).filter((value): value is string => typeof value === 'string');
  const hint =
    options.length === 0 ? '' : ` It can be ${options.slice(0, 12).join(', ')}${options.length > 12 ? ' …' : ''}.`;
  const given = error.data === undefined ? '' : didYouMean(String(error.data), options);
  return {
    code: 'field.choice',
    message: `is not an option.${hint}${given}`,
    params: { options: options.slice(0, 50) },
  };
}

function typeName(type: unknown): string {
  const names: Record<string, string> = {
    string: 'text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    null: 'null',
  };
  return (Array.isArray(type) ? type : [type]).map((name) => names[String(name)] ?? String(name)).join(' or ');
}
