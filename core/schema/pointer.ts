import { elementKeys } from './element-key.js';
import { isObject } from './json.js';

const maxSteps = 40;
const maxLength = 4_000;
/** Keys that reach prototypes when they are followed carelessly. */
const dangerous: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** True of keys that documents and pointers may not have, since they reach prototypes. */
export function isReservedKey(key: string): boolean {
  return dangerous.has(key);
}

/** Steps of a JSON Pointer, unescaped; `''` has none. Null where it is none, too deep, or reaches for a prototype. */
export function pointerSteps(pointer: unknown): readonly string[] | null {
  if (pointer === '') return [];
  if (typeof pointer !== 'string' || !pointer.startsWith('/') || pointer.length > maxLength) return null;
  const steps = pointer
    .slice(1)
    .split('/')
    .map((step) => (step.includes('~') ? step.replaceAll('~1', '/').replaceAll('~0', '~') : step));
  return steps.length > maxSteps || steps.some((step) => dangerous.has(step)) ? null : steps;
}

/**
 * The value at a pointer whose list steps are keys of elements (`/sections/main/title`), or places in lists without keys;
 * undefined where nothing stands.
 */
export function valueAtPointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const step of pointerSteps(pointer) ?? ['']) value = childOf(value, step);
  return value;
}

function childOf(value: unknown, step: string): unknown {
  if (Array.isArray(value)) {
    const keys = elementKeys(value);
    const index = keys ? keys.indexOf(step) : /^\d+$/.test(step) ? Number(step) : -1;
    return value[index] as unknown;
  }
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
