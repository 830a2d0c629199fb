import { invalid } from '../../base/errors.js';
import { meets, type Condition, type Plain } from '../../identity/index.js';
import type { Json } from '../../sdk/index.js';
import { parseFilter } from './filter.js';

export type JsonObject = { [key: string]: Json };

/** Attributes of a kind of resource: which are known, which hold several values, and which are taken and not kept. */
export interface Shape {
  readonly single: readonly string[];
  /** Complex attributes with one value. */
  readonly complex: readonly string[];
  readonly many: readonly string[];
  readonly ignored: readonly string[];
}

const maxOperations = 1_000;

/**
 * Applies the operations of a PATCH (RFC 7644 §3.5.2), also as Entra ID and Okta write them: operators in any case, values without a
 * path, dotted keys, members to remove in the value. Throws scim.syntax, scim.path, scim.no_target, scim.value.
 */
export function applyPatch(resource: JsonObject, body: Json | undefined, shape: Shape): JsonObject {
  const operations = isObject(body) ? valueIn(body, 'operations') : undefined;
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > maxOperations)
    throw invalid('scim.syntax', `"Operations" must be a list of 1 to ${maxOperations} operations.`);
  const next = structuredClone(resource);
  for (const operation of operations) {
    if (!isObject(operation)) throw invalid('scim.syntax', 'An operation must be an object.');
    const op = String(valueIn(operation, 'op')).toLowerCase();
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw invalid('scim.syntax', `There is no operation "${op.slice(0, 20)}"; there are add, replace and remove.`);
    const path = valueIn(operation, 'path');
    const value = valueIn(operation, 'value');
    if (path !== undefined && path !== null && typeof path !== 'string')
      throw invalid('scim.path', 'The path must be text.');
    if (path) applyAt(next, shape, { op, path, value });
    else if (op === 'remove') throw invalid('scim.no_target', 'Removing needs a path.');
    else if (!isObject(value)) throw invalid('scim.value', 'Without a path the value must be an object.');
    else for (const [key, each] of Object.entries(value)) applyAt(next, shape, { op, path: key, value: each });
  }
  return next;
}

interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value: Json | undefined;
}

const pathShape = /^(?:(urn:[^[\]]+?):)?([A-Za-z$][\w$-]*)(?:\[(.+)\])?(?:\.([A-Za-z$][\w$-]*))?$/s;
const coreSchema = /^urn:ietf:params:scim:schemas:core:2\.0:(User|Group)$/i;

function applyAt(resource: JsonObject, shape: Shape, operation: Operation): void {
  const { op, path, value } = operation;
  // An extension is taken and not kept, whether it is named as a path or as a whole object.
  const isWhole = /^urn:[^[\]]*:2\.0:(User|Group)$/i.test(path);
  if (isWhole && !coreSchema.test(path)) return;
  if (isWhole && isObject(value))
    return Object.entries(value).forEach(([key, each]) => applyAt(resource, shape, { op, path: key, value: each }));
  const match = pathShape.exec(path);
  if (match === null || /^(constructor|prototype)$/i.test(match[4] ?? ''))
    throw invalid('scim.path', `The path "${path.slice(0, 80)}" cannot be read.`);
  const [, schema, given, filter, part] = match;
  const sub = part === undefined || shape.complex.some((each) => each === given) ? part : part.toLowerCase();
  if (schema !== undefined && !coreSchema.test(schema)) return;
  const all = [...shape.single, ...shape.complex, ...shape.many, ...shape.ignored];
  const name = all.find((each) => each.toLowerCase() === given.toLowerCase());
  if (name === undefined) throw invalid('scim.path', `There is no attribute "${given.slice(0, 80)}".`);
  if (shape.ignored.includes(name)) return;
  if (shape.many.includes(name)) return applyToMany(resource, name, { ...operation, filter, sub });
  if (filter !== undefined) throw invalid('scim.path', `"${name}" has one value only.`);
  if (shape.complex.includes(name)) return applyToComplex(resource, name, sub, operation);
  if (sub !== undefined) throw invalid('scim.path', `"${name}" has no parts.`);
  if (op === 'remove' || value === null) delete resource[name];
  else set(resource, name, value);
}

function applyToComplex(resource: JsonObject, name: string, sub: string | undefined, { op, value }: Operation): void {
  const present = isObject(resource[name]) ? resource[name] : {};
  if (sub === undefined) {
    if (op === 'remove' || value === null) delete resource[name];
    else if (!isObject(value)) throw invalid('scim.value', `"${name}" must be an object.`);
    else resource[name] = op === 'add' ? { ...present, ...value } : value;
    return;
  }
  const key = Object.keys(present).find((each) => each.toLowerCase() === sub.toLowerCase()) ?? sub;
  const next = { ...present };
  if (op === 'remove' || value === null) delete next[key];
  else set(next, key, value);
  resource[name] = next;
}

function applyToMany(
  resource: JsonObject,
  name: string,
  { op, value, filter, sub }: Operation & { filter: string | undefined; sub: string | undefined },
): void {
  const present = elementsOf(resource[name]);
  if (filter === undefined && sub === undefined) {
    const given = elementsOf(value);
    const keys = new Set(given.map(keyOf));
    if (op === 'replace') resource[name] = unlike(given);
    else if (op === 'add') resource[name] = onePrimary(unlike([...present, ...given]), given);
    // Entra names the members to remove in the value; without one, all go.
    else resource[name] = value === undefined || value === null ? [] : present.filter((each) => !keys.has(keyOf(each)));
    return;
  }
  const condition = filter === undefined ? null : parseFilter(filter);
  const isMeant = (each: JsonObject): boolean =>
    condition === null || meets(condition, (attribute) => [plainOf(each, attribute)]);
  if (op === 'remove' && (sub === undefined || sub.toLowerCase() === 'value')) {
    resource[name] = present.filter((each) => !isMeant(each));
    return;
  }
  const meant = present.filter(isMeant);
  if (meant.length === 0 && op !== 'remove') {
    const made = madeOf(condition);
    if (made === null) throw invalid('scim.no_target', `Nothing of "${name}" meets ${String(filter).slice(0, 80)}.`);
    present.push(made);
    meant.push(made);
  }
  for (const each of meant) {
    if (sub === undefined) Object.assign(each, isObject(value) ? value : { value: value ?? null });
    else if (op === 'remove') delete each[sub];
    else set(each, sub, value);
  }
  resource[name] = onePrimary(present, meant);
}

/** What a condition of equalities describes, to be made where nothing meets it; null: it is of another sort. */
function madeOf(condition: Condition | null): JsonObject | null {
  if (condition === null) return {};
  const parts = condition.kind === 'and' ? condition.parts : [condition];
  const made: JsonObject = {};
  for (const part of parts) {
    if (part.kind !== 'compare' || part.op !== 'eq') return null;
    made[part.attribute] = part.value;
  }
  return made;
}

/** Where something new is the primary one, the others are not any more. */
function onePrimary(all: JsonObject[], latest: readonly JsonObject[]): JsonObject[] {
  const first = latest.find((each) => isTrue(each.primary));
  if (first === undefined) return all;
  return all.map((each) =>
    keyOf(each) === keyOf(first) || each.primary === undefined ? each : { ...each, primary: false },
  );
}

/** The last of those that say the same. */
function unlike(elements: readonly JsonObject[]): JsonObject[] {
  return [...new Map(elements.map((each) => [keyOf(each), each])).values()];
}

function keyOf(element: JsonObject): string {
  return typeof element.value === 'string' ? element.value.toLowerCase() : JSON.stringify(element);
}

/** Values of an attribute that may have several: a lone one, and one that is text alone, count too. */
export function elementsOf(value: Json | undefined): JsonObject[] {
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return list.map((each) => {
    if (isObject(each)) return { ...each };
    if (typeof each === 'string') return { value: each };
    throw invalid('scim.value', 'A list of objects with "value" is needed.');
  });
}

/** True also for the text that Entra ID sends. */
export function isTrue(value: Json | undefined): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value by its name in whatever case. */
export function valueIn(object: JsonObject, name: string): Json | undefined {
  const key = Object.keys(object).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : object[key];
}

function plainOf(element: JsonObject, attribute: string): Plain {
  const value = valueIn(element, attribute) ?? null;
  return typeof value === 'object' ? null : value;
}

function set(object: JsonObject, key: string, value: Json | undefined): void {
  if (value === undefined) throw invalid('scim.value', 'A value is needed.');
  object[key] = value;
}
