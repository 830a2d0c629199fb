import type { ErrorObject, ValidateFunction } from 'ajv';
import { definitionSchemas } from '../../schemas/generated/schemas.js';
import { didYouMean, suggest } from '../base/suggest.js';
import { makeAjv } from './ajv.js';
import { checkDocumentBounds } from './document-bounds.js';
import { pointerStep } from './problem.js';
import type { DefinitionProblem } from './problem.js';

/** Types of definitions that plugins contribute in this version. */
export const definitionTypes: readonly string[] = Object.keys(definitionSchemas).filter(
  (type) => type !== 'plugin' && type !== 'problem',
);

/** Types of the design that a later version brings. */
export const laterTypes: readonly string[] = [
  'report',
  'metric',
  'dashboard',
  'workflow',
  'duplicate-rule',
  'assignment-rule',
];

/**
 * Checks one document against the JSON Schema of its type (`plugin` is the manifest), and that it is no bomb: size, depth,
 * references, patterns. Returns every fault with its place; an empty list is a good document. Never throws on bad input.
 */
export function validateDefinition(type: string, document: unknown, file: string): DefinitionProblem[] {
  const problem = (pointer: string, code: string, message: string, suggestion?: string): DefinitionProblem => ({
    file,
    pointer,
    code,
    message,
    ...(suggestion ? { suggestion } : {}),
  });
  const schema = Object.hasOwn(definitionSchemas, type) ? definitionSchemas[type] : undefined;
  if (!schema) {
    if (laterTypes.includes(type))
      return [problem('', 'definition.later_type', `type '${type}' comes with a later version of Trellis`)];
    return [
      problem(
        '',
        'definition.unknown_type',
        `unknown definition type "${type}".${didYouMean(type, definitionTypes)}`,
        suggest(type, definitionTypes) ?? undefined,
      ),
    ];
  }
  const bounds = checkDocumentBounds(document, type === 'entity' || type === 'extension');
  if (bounds.length > 0) return bounds.map(({ pointer, code, message }) => problem(pointer, code, message));
  const validate = validatorOf(type, schema);
  if (validate(document)) return [];
  const told = (validate.errors ?? []).filter((error) => isTelling(error, validate.errors ?? []));
  const problems = told.map((error) => {
    const { pointer, code, message, suggestion } = words(error);
    return problem(pointer, code, message, suggestion);
  });
  return [...new Map(problems.map((one) => [`${one.pointer} ${one.message}`, one])).values()].slice(0, 100);
}

const validators = new Map<string, ValidateFunction>();

function validatorOf(type: string, schema: object): ValidateFunction {
  let validate = validators.get(type);
  if (!validate) validators.set(type, (validate = makeAjv({ verbose: true, validateSchema: false }).compile(schema)));
  return validate;
}

/** `if` and `oneOf` only repeat what their branches say; of a `oneOf`, branches of another type say nothing. */
function isTelling(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (error.keyword === 'if' || error.keyword === 'propertyNames') return false;
  if (error.keyword === 'oneOf' || error.keyword === 'anyOf')
    return !all.some(
      (other) => other !== error && other.schemaPath.startsWith(error.schemaPath + '/') && other.keyword !== 'type',
    );
  const branch = /^(.*\/(?:oneOf|anyOf)\/)\d+\/(.*)$/.exec(error.schemaPath);
  if (branch && error.keyword === 'type') return false;
  if (branch && error.keyword === 'required' && /^\d*\/?required$/.test(branch[2])) return false;
  return true;
}

interface Words {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  readonly suggestion?: string;
}

function words(error: ErrorObject): Words {
  const at = error.instancePath;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = String(params.additionalProperty ?? params.unevaluatedProperty);
      const known = Object.keys((error.parentSchema?.properties ?? {}) as object);
      return {
        pointer: at + pointerStep(key),
        code: 'definition.unknown_key',
        message: `unknown key "${short(key)}".${didYouMean(key, known)}`,
        suggestion: suggest(key, known) ?? undefined,
      };
    }
    case 'required':
      return {
        pointer: at,
        code: 'definition.missing_key',
        message: `the key "${String(params.missingProperty)}" is missing`,
      };
    case 'enum':
      return wrongWord(error, at, params.allowedValues as unknown[]);
    case 'const':
      return { pointer: at, code: 'definition.bad_value', message: `must be ${JSON.stringify(params.allowedValue)}` };
    case 'pattern':
      return { pointer: at, code: 'definition.bad_form', message: patternMessage(error, at) };
    case 'type':
      return {
        pointer: at,
        code: 'definition.bad_type',
        message: `must be ${[params.type].flat().join(' or ')}, not ${typeName(error.data)}`,
      };
    case 'oneOf':
    case 'anyOf':
      return {
        pointer: at,
        code: 'definition.bad_value',
        message: `has none of the forms that are allowed here: ${String(error.parentSchema?.description ?? '')}`.trim(),
      };
    default:
      return { pointer: at, code: 'definition.bad_value', message: error.message ?? 'is not allowed' };
  }
}

function wrongWord(error: ErrorObject, at: string, allowed: readonly unknown[]): Words {
  const word = String(error.data);
  const known = allowed.filter((value): value is string => typeof value === 'string');
  const key = at.slice(at.lastIndexOf('/') + 1);
  if (key === 'kind' && error.schemaPath.includes('/then/'))
    return {
      pointer: at,
      code: 'definition.wrong_kind',
      message: `a field of kind "${short(word)}" cannot have ${onlyKey(error)}; that is for ${known.join(', ')}`,
    };
  const what = /^\d+$/.test(key) ? 'value' : key;
  const list =
    known.length > 0 && suggest(word, known) === null
      ? ` It can be ${allowed.slice(0, 30).map(String).join(', ')}.`
      : '';
  return {
    pointer: at,
    code: key === 'kind' ? 'definition.unknown_kind' : 'definition.bad_value',
    message: `unknown ${what} "${short(word)}".${didYouMean(word, known)}${list}`,
    suggestion: suggest(word, known) ?? undefined,
  };
}

/** The `if` beside the `then` that failed names the key: ajv tells its place, the schema its name. */
function onlyKey(error: ErrorObject): string {
  const place = /allOf\/(\d+)\/then/.exec(error.schemaPath);
  const xField = (definitionSchemas.entity.$defs as { xField: { allOf: { if: { required: string[] } }[] } }).xField;
  return place ? `"${xField.allOf[Number(place[1])].if.required.join('", "')}"` : 'this key';
}

function patternMessage(error: ErrorObject, at: string): string {
  const given = typeof error.data === 'string' ? `"${short(error.data)}"` : 'the value';
  const name = error.propertyName === undefined ? given : `the key "${short(error.propertyName)}"`;
  const description = error.parentSchema?.description;
  return typeof description === 'string' && error.propertyName === undefined
    ? `${name} has not the form asked for: ${description}`
    : `${name} has not the form asked for (${at.includes('inverse') ? 'a key in camelCase' : String(error.params.pattern)})`;
}

function short(word: string): string {
  return word.length > 60 ? `${word.slice(0, 60)}…` : word;
}

function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
