import { didYouMean } from '../base/suggest.js';
import { elementKey, elementKeys } from './element-key.js';
import { isObject } from './json.js';
import type { Operation } from './operations.js';
import { isReservedKey, pointerSteps } from './pointer.js';

type JsonObject = Record<string, unknown>;

/** An operation that was not done as it was meant, and why. */
export interface FailedOperation {
  readonly operation: Operation;
  /**
   * `change.path_missing`: its place is not there. `change.anchor_missing`: what it should stand before is not there; an
   * insertion is done at the end all the same, a move is not. `change.key_exists`: an element of that key stands already.
   * `change.bad_pointer`, `change.bad_value`, `change.bad_operation`, `change.too_many`: it is none.
   */
  readonly code: string;
  /** English. */
  readonly message: string;
}

export interface Applied {
  /** A new document, or the given one where nothing changed it. What no operation touched is shared with it. */
  readonly document: Readonly<JsonObject>;
  readonly failed: readonly FailedOperation[];
}

/** More operations on one document than this are left out and reported. */
export const maxOperations = 20_000;

/**
 * Does operations one after another on a document, which stays as it is. Lenient: what cannot be done is left out and told.
 * What is asked for and stands already is no failure: an `unset` or `remove` of what is gone, a `set` of the same value.
 * An insertion into a list that is missing makes the list. Elements keep their keys: a `set` that would rename one is refused.
 */
export function applyOperations({
  document,
  operations,
}: {
  readonly type: string;
  readonly document: Readonly<JsonObject>;
  readonly operations: readonly Operation[];
}): Applied {
  const draft: Draft = { root: document, own: new WeakSet() };
  const failed: FailedOperation[] = [];
  operations.forEach((operation, i) => {
    const fault = i < maxOperations ? applyOne(draft, operation) : tooMany;
    if (fault) failed.push({ operation, ...fault });
  });
  return { document: draft.root, failed };
}

type Fault = Omit<FailedOperation, 'operation'>;

/** Objects and lists made in this call are changed in place; all others are copied before the first change. */
interface Draft {
  root: Readonly<JsonObject>;
  readonly own: WeakSet<object>;
}

const tooMany: Fault = { code: 'change.too_many', message: `has more than ${maxOperations} operations` };

function applyOne(draft: Draft, operation: Operation): Fault | null {
  const steps = pointerSteps(operation.at);
  if (!steps) return { code: 'change.bad_pointer', message: `"${String(operation.at).slice(0, 80)}" is no pointer` };
  if ('value' in operation && !isPlain(operation.value, 40 - steps.length))
    return { code: 'change.bad_value', message: 'the value is nested too deep or has a reserved key' };
  if (steps.length === 0) return replaceRoot(draft, operation);
  const last = steps[steps.length - 1];
  if (operation.op === 'insert-before' && elementKey(operation.value) !== last) return wrongKey(last);
  const found = reach(draft, steps.slice(0, -1), operation.op === 'insert-before');
  if ('code' in found) return found;
  return Array.isArray(found.node)
    ? changeList(found.node, last, operation, steps)
    : changeObject(found.node, last, operation, found.keyed);
}

function replaceRoot(draft: Draft, operation: Operation): Fault | null {
  if (operation.op !== 'set') return notHere('the document itself can only be set');
  if (!isObject(operation.value)) return { code: 'change.bad_value', message: 'a document is an object' };
  draft.root = operation.value;
  return null;
}

interface Place {
  readonly node: JsonObject | unknown[];
  /** The element of a list whose direct property would be changed: its key must stay. */
  readonly keyed: boolean;
}

/** The node at the steps, owned by the draft. Looks before it copies, so that a miss changes nothing. */
function reach(draft: Draft, steps: readonly string[], makeList: boolean): Place | Fault {
  const missing = findMissing(draft.root, steps);
  if (missing !== null && !(makeList && missing.at === steps.length - 1 && isObject(missing.parent)))
    return { code: 'change.path_missing', message: missing.message };
  let node = own(draft, draft.root) as JsonObject | unknown[];
  draft.root = node as JsonObject;
  let keyed = false;
  for (const step of steps) {
    const parent = node;
    const index = Array.isArray(parent) ? parent.findIndex((element) => elementKey(element) === step) : step;
    const child = own(draft, (parent as JsonObject)[index] ?? []) as JsonObject | unknown[];
    (parent as JsonObject)[index] = child;
    keyed = Array.isArray(parent);
    node = child;
  }
  return { node, keyed };
}

/** The first step that leads nowhere, or to what holds nothing; null where all is there. */
function findMissing(
  root: unknown,
  steps: readonly string[],
): { readonly at: number; readonly parent: unknown; readonly message: string } | null {
  let node = root;
  for (const [at, step] of steps.entries()) {
    const miss = (known: readonly string[]) => ({
      at,
      parent: node,
      message: `there is no "${step}" at "/${steps.slice(0, at).join('/')}".${didYouMean(step, known)}`,
    });
    if (Array.isArray(node)) {
      const keys = elementKeys(node);
      const index = keys ? keys.indexOf(step) : -1;
      if (index < 0) return miss(keys ?? []);
      node = node[index];
    } else if (isObject(node) && Object.hasOwn(node, step)) node = node[step];
    else return miss(isObject(node) ? Object.keys(node) : []);
    if (typeof node !== 'object' || node === null)
      return { at, parent: null, message: `"${step}" is a plain value and holds nothing` };
  }
  return null;
}

function own(draft: Draft, node: unknown): unknown {
  if (draft.own.has(node as object)) return node;
  const copy = Array.isArray(node) ? [...(node as unknown[])] : { ...(node as JsonObject) };
  draft.own.add(copy);
  return copy;
}

function changeObject(node: JsonObject, key: string, operation: Operation, keyed: boolean): Fault | null {
  if (operation.op !== 'set' && operation.op !== 'unset')
    return notHere(`"${key}" is a property, not an element of a list: use set or unset`);
  if (keyed) {
    const { [key]: _, ...rest } = node;
    const next = operation.op === 'set' ? { ...rest, [key]: operation.value } : rest;
    if (elementKey(next) !== elementKey(node)) return notHere(`"${key}" is the key of the element, which stays`);
  }
  if (operation.op === 'unset') delete node[key];
  else node[key] = operation.value;
  return null;
}

function changeList(list: unknown[], key: string, operation: Operation, steps: readonly string[]): Fault | null {
  const keys = elementKeys(list);
  if (!keys) return notHere(`"${steps.slice(0, -1).join('/')}" is a list without keys; set it as a whole`);
  const index = keys.indexOf(key);
  if (operation.op === 'unset') return notHere(`"${key}" is an element of a list: use remove`);
  if (operation.op === 'remove') {
    if (index >= 0) list.splice(index, 1);
    return null;
  }
  if (operation.op === 'insert-before') return insert(list, keys, index, key, operation);
  if (index < 0)
    return { code: 'change.path_missing', message: `there is no element "${key}".${didYouMean(key, keys)}` };
  if (operation.op === 'move') return move(list, keys, index, operation.before);
  if (elementKey(operation.value) !== key) return wrongKey(key);
  list[index] = operation.value;
  return null;
}

function insert(
  list: unknown[],
  keys: readonly string[],
  index: number,
  key: string,
  operation: { readonly value: unknown; readonly before: string | null },
): Fault | null {
  if (index >= 0) return { code: 'change.key_exists', message: `there is an element "${key}" already` };
  const anchor = operation.before === null ? list.length : keys.indexOf(operation.before);
  list.splice(anchor < 0 ? list.length : anchor, 0, operation.value);
  return anchor < 0 ? anchorMissing(operation.before, keys) : null;
}

function move(list: unknown[], keys: readonly string[], index: number, before: string | null): Fault | null {
  if (before === keys[index]) return null;
  const anchor = before === null ? list.length : keys.indexOf(before);
  if (anchor < 0) return anchorMissing(before, keys);
  const [element] = list.splice(index, 1);
  list.splice(anchor > index ? anchor - 1 : anchor, 0, element);
  return null;
}

function anchorMissing(before: string | null, keys: readonly string[]): Fault {
  return {
    code: 'change.anchor_missing',
    message: `there is no element "${String(before)}" to stand before.${didYouMean(String(before), keys)}`,
  };
}

function wrongKey(key: string): Fault {
  return { code: 'change.bad_value', message: `the element must have the key "${key}", as its pointer says` };
}

function notHere(message: string): Fault {
  return { code: 'change.bad_operation', message };
}

/** JSON of bounded depth without keys that reach prototypes. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined && typeof value !== 'function';
  if (depth <= 0) return false;
  return Object.keys(value).every((key) => !isReservedKey(key) && isPlain((value as JsonObject)[key], depth - 1));
}
