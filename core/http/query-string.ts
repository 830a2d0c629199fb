import { didYouMean } from '../base/suggest.js';
import { invalid } from '../base/errors.js';

/** Query parameters of one request: known names only, each at most once. */
export type Query = Readonly<Record<string, string | undefined>>;

const none: Query = Object.freeze({});

/** Queries kept for each list of names, and the longest text of one that is: nobody fills the memory with them. */
const keptAtMost = 100;
const keptLength = 1_000;
const kept = new WeakMap<readonly string[], Map<string, Query>>();
const lists = new WeakMap<Query, Map<string, readonly string[]>>();

/**
 * Parses the query of a URL; clients ask for the same things again and again, so that what was parsed lately is kept. Throws
 * request.unknown_parameter with a suggestion, request.repeated_parameter (parameter pollution), request.malformed for bad
 * percent encoding. `isPublic`: it may hold a one-time link or code, and nothing of it is kept.
 */
export function parseQuery(url: string, known: readonly string[], isPublic = false): Query {
  const start = url.indexOf('?');
  if (start < 0 || start === url.length - 1) return none;
  const text = url.slice(start + 1);
  if (isPublic || text.length > keptLength) return parse(text, known);
  const queries = kept.get(known) ?? new Map<string, Query>();
  kept.set(known, queries);
  let query = queries.get(text);
  if (query === undefined) {
    query = parse(text, known);
    if (queries.size >= keptAtMost) queries.clear();
    queries.set(text, query);
  }
  return query;
}

function parse(text: string, known: readonly string[]): Query {
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    if (!known.includes(name)) throw unknownParameter(name, known);
    if (name in query)
      throw invalid('request.repeated_parameter', `The parameter "${name}" stands more than once.`, {
        hint: 'Send each parameter once; lists are separated by commas.',
        params: { parameter: name },
      });
    query[name] = equals < 0 ? '' : decode(part.slice(equals + 1));
  }
  return Object.freeze(query);
}

/** A whole number of a parameter, or undefined where it is absent. Throws request.parameter. */
export function integerOf(query: Query, name: string, range: { min: number; max: number }): number | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= range.min && value <= range.max))
    throw wrongParameter(name, `a whole number from ${range.min} to ${range.max}`, text);
  return value;
}

/** `true` or `false` of a parameter, or undefined where it is absent. Throws request.parameter. */
export function booleanOf(query: Query, name: string): boolean | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  if (text !== 'true' && text !== 'false') throw wrongParameter(name, 'true or false', text);
  return text === 'true';
}

/** One of some words of a parameter, or undefined where it is absent. Throws request.parameter. */
export function choiceOf<T extends string>(query: Query, name: string, choices: readonly T[]): T | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  if (!choices.includes(text as T))
    throw wrongParameter(name, `one of ${choices.join(', ')}`, text, didYouMean(text, choices));
  return text as T;
}

/**
 * A list at commas, or undefined where it is absent; the same one for the same query. Throws request.parameter for an empty
 * element.
 */
export function listOf(query: Query, name: string): readonly string[] | undefined {
  const text = query[name];
  if (text === undefined || text === '') return undefined;
  const known = lists.get(query) ?? new Map<string, readonly string[]>();
  lists.set(query, known);
  let parts = known.get(name);
  if (parts === undefined) {
    parts = Object.freeze(text.split(',').map((part) => part.trim()));
    if (parts.includes('')) throw wrongParameter(name, 'a list separated by commas', text);
    known.set(name, parts);
  }
  return parts;
}

function wrongParameter(name: string, expected: string, text: string, suggestion = ''): Error {
  const message = `The parameter "${name}" must be ${expected}, not "${text.slice(0, 100)}".${suggestion}`;
  return invalid('request.parameter', message, {
    params: { parameter: name },
    issues: [{ path: `?${name}`, code: 'request.parameter', message }],
  });
}

function unknownParameter(name: string, known: readonly string[]): Error {
  const hint = known.length === 0 ? 'This address takes no parameters.' : `Known parameters: ${known.join(', ')}.`;
  return invalid(
    'request.unknown_parameter',
    `There is no parameter "${name.slice(0, 100)}".${didYouMean(name.slice(0, 100), known)}`,
    { hint, params: { parameter: name.slice(0, 100) } },
  );
}

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return checked(text);
  try {
    return checked(decodeURIComponent(text.replaceAll('+', ' ')));
  } catch (cause) {
    if (cause instanceof URIError)
      throw invalid('request.malformed', 'The address is not percent-encoded UTF-8.', { cause });
    throw cause;
  }
}

function checked(text: string): string {
  if (text.includes('\0')) throw invalid('request.malformed', 'The address contains the character NUL.');
  return text;
}
