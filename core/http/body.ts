import type { FastifyRequest } from 'fastify';
import { invalid, type Issue } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { Json } from '../sdk/index.js';

/** A JSON object with known keys only. */
export type Body = Readonly<Record<string, Json | undefined>>;

/**
 * The body as an object that has no other keys than `known` (null: any). Throws request.body where it is none,
 * request.unknown_key with a suggestion.
 */
export function readBody(request: FastifyRequest, known: readonly string[] | null): Body {
  const body = request.body as Json | undefined;
  if (body === undefined) {
    if (known !== null && known.length === 0) return {};
    throw invalid('request.body', 'A JSON object is needed as body.');
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw invalid('request.body', 'The body must be a JSON object.');
  if (known !== null) for (const key of Object.keys(body)) if (!known.includes(key)) throw unknownKey(key, known);
  return body;
}

/** The same where the whole body may be left out. */
export function readOptionalBody(request: FastifyRequest, known: readonly string[]): Body {
  return request.body === undefined ? {} : readBody(request, known);
}

/** Text of a key. Throws field.required or field.type; absent and not required: undefined. */
export function textOf(body: Body, key: string): string | undefined;
export function textOf(body: Body, key: string, options: { isRequired: true }): string;
export function textOf(body: Body, key: string, options: { isRequired?: boolean } = {}): string | undefined {
  const value = body[key];
  if (value === undefined || (value === null && !options.isRequired)) {
    if (options.isRequired) throw refused(key, 'field.required', `"${key}" is needed.`);
    return undefined;
  }
  if (typeof value !== 'string') throw refused(key, 'field.type', `"${key}" must be text.`);
  return value;
}

/** List of texts of a key, or undefined where it is absent. Throws field.type. */
export function textsOf(body: Body, key: string): string[] | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw refused(key, 'field.type', `"${key}" must be a list of texts.`);
  return value as string[];
}

/** A list of objects that have no other keys than `known`; absent: none. Throws field.type, request.unknown_key. */
export function objectsOf(body: Body, key: string, known: readonly string[]): Body[] {
  const value = body[key] ?? [];
  if (!Array.isArray(value)) throw refused(key, 'field.type', `"${key}" must be a list of objects.`);
  return value.map((item, index) => {
    if (item === null || typeof item !== 'object' || Array.isArray(item))
      throw refused(`${key}/${index}`, 'field.type', `"${key}" must be a list of objects.`);
    for (const name of Object.keys(item))
      if (!known.includes(name))
        throw refused(
          `${key}/${index}/${name}`,
          'request.unknown_key',
          `There is no "${name}" here. Known: ${known.join(', ')}.`,
        );
    return item;
  });
}

/** Whole number of a key, or undefined where it is absent. Throws field.type. */
export function integerIn(body: Body, key: string): number | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw refused(key, 'field.type', `"${key}" must be a whole number.`);
  return value;
}

/** Truth value of a key, or undefined where it is absent. Throws field.type. */
export function booleanIn(body: Body, key: string): boolean | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw refused(key, 'field.type', `"${key}" must be true or false.`);
  return value;
}

/** One refusal about one key of the body. */
export function refused(key: string, code: string, message: string): Error {
  const issue: Issue = { path: `/${key}`, code, message };
  return invalid('request.invalid', message, { issues: [issue] });
}

function unknownKey(key: string, known: readonly string[]): Error {
  const message = `There is no "${key.slice(0, 100)}" here.${didYouMean(key.slice(0, 100), known)}`;
  return invalid('request.unknown_key', message, {
    hint: known.length === 0 ? 'No body is taken here.' : `Known: ${known.join(', ')}.`,
    issues: [{ path: `/${key.slice(0, 100)}`, code: 'request.unknown_key', message }],
  });
}
