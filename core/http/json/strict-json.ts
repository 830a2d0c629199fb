import { invalid } from '../../base/errors.js';
import type { Json } from '../../sdk/index.js';

export interface JsonLimits {
  /** Levels of nesting. */
  readonly maxDepth: number;
  /** Keys of all objects together. */
  readonly maxKeys: number;
}

/** What an ordinary body may have. */
export const bodyLimits: JsonLimits = { maxDepth: 64, maxKeys: 10_000 };

/**
 * Parses a JSON body (RFC 8259, I-JSON where it is stricter): UTF-8 with or without a byte order mark, bounded depth and
 * size, no key twice, no `__proto__` or `constructor`, no number beyond the doubles. Throws request.malformed (400) and,
 * for text that no database can hold, request.text (422) with the pointer.
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = bodyLimits): Json {
  return parseJsonText(decodeUtf8(bytes), limits);
}

/** The same for text that is decoded already. */
export function parseJsonText(text: string, limits: JsonLimits = bodyLimits): Json {
  const keys = measure(text, limits);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw malformed(`The body is not JSON: ${cause instanceof Error ? cause.message.slice(0, 200) : 'unknown'}`, cause);
  }
  const found = walk(value, '');
  // JSON.parse keeps the last of equal keys: fewer keys than colons outside of strings means that one stood twice.
  if (found !== keys) throw malformed('An object of the body has the same key twice.');
  return value;
}

/** Throws request.malformed for bytes that are not UTF-8; drops a byte order mark. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw malformed('The body is not UTF-8.', cause);
  }
}

/** A refusal that answers 400. */
export function malformed(message: string, cause?: unknown): Error {
  return invalid('request.malformed', message, { cause, hint: 'Send well-formed JSON in UTF-8.' });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Counts keys (colons outside of strings) and refuses what is too deep or too much, before anything is built. */
function measure(text: string, limits: JsonLimits): number {
  let depth = 0;
  let keys = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      for (i++; i < text.length && text.charCodeAt(i) !== quote; i++) if (text.charCodeAt(i) === backslash) i++;
    } else if (code === openBrace || code === openBracket) {
      if (++depth > limits.maxDepth) throw malformed(`The body is nested deeper than ${limits.maxDepth} levels.`);
    } else if (code === closeBrace || code === closeBracket) {
      depth--;
    } else if (code === colon && ++keys > limits.maxKeys) {
      throw malformed(`The body has more than ${limits.maxKeys} keys.`);
    }
  }
  return keys;
}

/** Counts the keys of the built value and refuses what JSON.parse let through. Depth is bounded by `measure`. */
function walk(value: Json, pointer: string): number {
  if (typeof value === 'string') return checkText(value, pointer);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw malformed(`The number at ${pointer || 'the root'} is too large.`);
  if (value === null || typeof value !== 'object') return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) keys += walk(value[i], `${pointer}/${i}`);
    return keys;
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype')
      throw malformed(`The key "${key}" is not taken.`);
    checkText(key, pointer);
    keys += 1 + walk(value[key], `${pointer}/${key}`);
  }
  return keys;
}

function checkText(text: string, pointer: string): 0 {
  const isNul = text.includes('\0');
  if (!isNul && text.isWellFormed()) return 0;
  const message = isNul
    ? 'Text must not contain the character NUL.'
    : 'Text must not contain half of a surrogate pair.';
  throw invalid('request.text', message, {
    issues: [{ path: pointer, code: isNul ? 'text.nul' : 'text.lone_surrogate', message }],
  });
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const colon = 0x3a;
