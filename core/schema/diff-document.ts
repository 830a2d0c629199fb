import { elementKey, elementKeys, keyProperties } from './element-key.js';
import { isObject, sameJson, sortedJson } from './json.js';
import { longestRising } from './longest-rising.js';
import type { Operation } from './operations.js';
import { pointerStep } from './problem.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The operations that make `after` of `before`: canonical, so that equal inputs give the same text, whatever the order of
 * their keys, and `applyOperations` of them on `before` is `after`, the order of elements included. Properties come in the
 * order of their keys; in a list first what goes, then from its end what comes or moves, then what changes inside.
 * Lists without keys (see `elementKey`) are replaced as a whole.
 */
export function diffDocument({
  before,
  after,
}: {
  readonly type: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
}): Operation[] {
  const operations: Operation[] = [];
  diffObject(before, after, '', operations);
  return operations;
}

function diffObject(before: JsonObject, after: JsonObject, at: string, out: Operation[]): void {
  if (before === after) return;
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const here = at + pointerStep(key);
    if (!Object.hasOwn(after, key)) out.push({ op: 'unset', at: here });
    else if (!Object.hasOwn(before, key)) diffNew(after[key], here, out);
    else diffValue(before[key], after[key], here, out);
  }
}

/** A new list is filled element by element, so that two authors may each bring some. */
function diffNew(after: unknown, at: string, out: Operation[]): void {
  if (Array.isArray(after) && after.length > 0 && elementKeys(after)) diffList([], after, at, out);
  else set(after, at, out);
}

function diffValue(before: unknown, after: unknown, at: string, out: Operation[]): void {
  if (before === after) return;
  if (isObject(before) && isObject(after)) diffObject(before, after, at, out);
  else if (Array.isArray(before) && Array.isArray(after) && elementKeys(before) && elementKeys(after))
    diffList(before, after, at, out);
  else if (!sameJson(before, after)) set(after, at, out);
}

function diffList(before: readonly unknown[], after: readonly unknown[], at: string, out: Operation[]): void {
  const keys = elementKeys(after) as readonly string[];
  const wanted = new Set(keys);
  const kept = (elementKeys(before) as readonly string[]).filter((key) => wanted.has(key));
  const places = new Map(kept.map((key, i) => [key, i]));
  for (const element of before) {
    const key = elementKey(element) as string;
    if (!wanted.has(key)) out.push({ op: 'remove', at: at + pointerStep(key) });
  }
  const resting = new Set(longestRising(keys.flatMap((key) => places.get(key) ?? [])).map((place) => kept[place]));
  for (let i = keys.length - 1; i >= 0; i--) {
    const here = { at: at + pointerStep(keys[i]), before: i + 1 < keys.length ? keys[i + 1] : null };
    if (!places.has(keys[i]))
      out.push({ op: 'insert-before', at: here.at, value: sortedJson(after[i]), before: here.before });
    else if (!resting.has(keys[i])) out.push({ op: 'move', ...here });
  }
  const old = new Map(before.map((element) => [elementKey(element), element]));
  for (const [i, key] of keys.entries())
    if (places.has(key)) diffElement(old.get(key), after[i], at + pointerStep(key), out);
}

/** What takes part in the key is never changed alone: the element would lose its name on the way. */
function diffElement(before: unknown, after: unknown, at: string, out: Operation[]): void {
  const isRenamed =
    !isObject(before) || !isObject(after) || [...keyProperties, 'fn'].some((key) => !sameJson(before[key], after[key]));
  if (!isRenamed) diffObject(before, after, at, out);
  else if (!sameJson(before, after)) set(after, at, out);
}

function set(value: unknown, at: string, out: Operation[]): void {
  out.push({ op: 'set', at, value: sortedJson(value) });
}
