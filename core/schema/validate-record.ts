import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Issue } from '../base/errors.js';
import { didYouMean, suggest } from '../base/suggest.js';
import { makeAjv } from './ajv.js';
import { fieldIssue } from './field-issue.js';
import type { CoerceEnv } from './kinds/kind.js';
import type { EntityModel, FieldModel } from './model.js';

/** Values in canonical API form, of the fields that were found in order, and the findings. A path is a field key. */
export interface CheckedRecord {
  readonly values: Record<string, unknown>;
  readonly issues: Issue[];
}

export interface RecordValidatorOptions {
  /** createdAt, createdBy, updatedAt and updatedBy may be given (imports, with the permission to do so). */
  readonly systemFields?: boolean;
}

/** Checks what a client wrote. Create asks for required fields, update only refuses to empty them. */
export type RecordValidator = (
  values: Readonly<Record<string, unknown>>,
  mode: 'create' | 'update',
  env: CoerceEnv,
  options?: RecordValidatorOptions,
) => CheckedRecord;

const importable = new Set(['createdAt', 'createdBy', 'updatedAt', 'updatedBy']);
const validators = new WeakMap<EntityModel, RecordValidator>();

/** The validator of an entity, made on first use and kept as long as the model. Defaults are not its business. */
export function createRecordValidator(entity: EntityModel): RecordValidator {
  let validator = validators.get(entity);
  if (!validator) validators.set(entity, (validator = makeValidator(entity)));
  return validator;
}

function makeValidator(entity: EntityModel): RecordValidator {
  const required = [...entity.fields.values()].filter((field) => field.required && !field.retired);
  let check: ValidateFunction | null = null;
  return (given, mode, env, options = {}) => {
    const issues: Issue[] = [];
    const values: Record<string, unknown> = {};
    const present: Record<string, unknown> = {};
    for (const key of Object.keys(given)) {
      const value = given[key];
      const field = entity.fields.get(key);
      if (!field || field.retired) issues.push(unknownField(entity, key));
      else if (field.readOnly && !(options.systemFields === true && importable.has(key)))
        issues.push(readOnlyField(field));
      else if (value === undefined) continue;
      else if (value === null) values[key] = null;
      else present[key] = value;
    }
    check ??= compile(entity);
    if (!check(present)) collect(entity, check.errors ?? [], present, issues);
    for (const key of Object.keys(present)) {
      const field = entity.fields.get(key) as FieldModel;
      const result = field.kind.normalize(present[key], field, env);
      if (result.ok) values[key] = result.value;
      else
        issues.push({
          path: key,
          code: result.code,
          message: result.message,
          params: { field: key, ...result.params },
        });
    }
    for (const field of required) {
      const value = field.key in values ? values[field.key] : undefined;
      const isMissing = value === null || (value === undefined && mode === 'create' && given[field.key] === undefined);
      if (isMissing)
        issues.push({
          path: field.key,
          code: 'field.required',
          message: `${field.title} must be filled in.`,
          params: { field: field.key },
        });
    }
    return { values, issues };
  };
}

/** One schema for all fields, so that a row costs one call. Null and required are handled outside of it. */
function compile(entity: EntityModel): ValidateFunction {
  const properties: Record<string, unknown> = {};
  for (const field of entity.fields.values()) if (!field.retired) properties[field.key] = field.kind.valueSchema(field);
  // Made by the kinds, and what a field brings along was judged with the model: judging it again takes six times as long as the rest.
  return makeAjv({ verbose: true, validateSchema: false }).compile({ type: 'object', properties });
}

/** One issue a field: the deepest error, since `anyOf` adds others. Fields at fault leave `present`, so that kinds see only what fits. */
function collect(
  entity: EntityModel,
  errors: readonly ErrorObject[],
  present: Record<string, unknown>,
  issues: Issue[],
): void {
  const byField = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    const [, key] = error.instancePath.split('/');
    const list = byField.get(key) ?? [];
    list.push(error);
    byField.set(key, list);
  }
  for (const [key, list] of byField) {
    delete present[key];
    issues.push(fieldIssue(entity.fields.get(key) as FieldModel, list));
  }
}

function unknownField(entity: EntityModel, key: string): Issue {
  const known = [...entity.fields.values()].filter((field) => !field.retired).map((field) => field.key);
  const word = key.slice(0, 80);
  const suggestion = suggest(word, known);
  return {
    path: key,
    code: 'field.unknown',
    message: `${entity.title} has no field "${word}".${didYouMean(word, known)}`,
    params: { field: word, ...(suggestion ? { suggestion } : {}) },
  };
}

function readOnlyField(field: FieldModel): Issue {
  return {
    path: field.key,
    code: 'field.read_only',
    message: `${field.title} is kept by the system and cannot be set.`,
    params: { field: field.key },
  };
}
