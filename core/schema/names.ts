/** A field key: camelCase, with one `plugin_` prefix on fields that stand on another's entity (`loyalty_points`, `x_vipLevel`). */
export const fieldKeyPattern = '^[a-z][A-Za-z0-9]*(_[a-z][A-Za-z0-9]*)?$';
/** A plugin id: lower-case words joined by dashes, every word starting with a letter. */
export const pluginIdPattern = '^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$';
/** An entity id: plugin id, dot, camelCase name. */
export const entityIdPattern = '^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*\\.[a-z][A-Za-z0-9]*$';

/** Keys of the fields that every record has; never written in files. */
export const systemKeys = [
  'id',
  'createdAt',
  'createdBy',
  'updatedAt',
  'updatedBy',
  'ownerId',
  'version',
  'externalId',
  'deletedAt',
] as const;

/** Key of the choice that an entity gains with its record types; kept free for it on every entity. */
export const recordTypeKey = 'recordType';

/** Columns of the table behind a `links` field, primary key `(source_id, target_id)` plus label. */
export const joinColumns = { source: 'source_id', target: 'target_id', label: 'label' } as const;

/**
 * Column name of a field key: camelCase → snake_case, `_` → `__`. Injective over legal keys: a single underscore always
 * stands for a capital, a double one for a separator, a triple one for a cut name.
 */
export function columnName(key: string): string {
  return fit(snake(key));
}

/** Table name of an entity id: `contacts.company` → `contacts__company`. Injective over legal ids. */
export function tableName(entity: string): string {
  return fit(snake(entity));
}

/** Name of the table behind a `links` field. Differs from every entity's table: those hold one `__` only. */
export function joinTableName(entity: string, field: string): string {
  return fit(`${snake(entity)}__${snake(field)}`);
}

/** A further column of a field, e.g. `amount__currency`. */
export function suffixedColumn(key: string, suffix: string): string {
  return fit(`${snake(key)}__${suffix}`);
}

/** A name as SQL, quoted. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Prefix of the keys that a plugin adds to another's entity: `field-service` → `fieldService_`. */
export function extensionPrefix(plugin: string): string {
  return `${plugin.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())}_`;
}

/** Why a word cannot be a field key, or null. */
export function fieldKeyProblem(key: string): string | null {
  if (key.length > 64) return `the key "${key.slice(0, 20)}…" is longer than 64 characters`;
  if ((systemKeys as readonly string[]).includes(key))
    return `"${key}" is a system field that every record has; choose another key`;
  if (key === recordTypeKey) return `"${key}" is the field that record types make; choose another key`;
  if (reserved.has(key)) return `"${key}" is a reserved word; choose another key`;
  if (!keyShape.test(key)) {
    const camel = camelCase(key);
    return `"${key}" is not a field key: use camelCase letters and digits${camel && camel !== key ? ` (e.g. "${camel}")` : ''}`;
  }
  return null;
}

/** Why a word cannot be an entity id, or null. */
export function entityIdProblem(id: string): string | null {
  if (id.length > 80) return `the entity id "${id.slice(0, 20)}…" is longer than 80 characters`;
  if (!idShape.test(id)) return `"${id}" is not an entity id: plugin, dot, camelCase name (e.g. "sales.orderLine")`;
  const name = id.slice(id.indexOf('.') + 1);
  if (dangerous.has(name)) return `"${name}" is a reserved word; choose another name`;
  return null;
}

const keyShape = new RegExp(fieldKeyPattern);
const idShape = new RegExp(entityIdPattern);

const dangerous = new Set([
  'constructor',
  'prototype',
  '__proto__',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
  'toJSON',
  'then',
]);
/** CEL keywords, names the expression language gives, PostgreSQL's own columns, and what the tables add for themselves. */
const reserved = new Set([
  ...dangerous,
  ...'true false null in as break const continue else for function if import let loop namespace package return var void while'.split(
    ' ',
  ),
  ...'me now today has'.split(' '),
  ...'xmin xmax cmin cmax ctid tableoid deletionId'.split(' '),
]);

/** Every statement asks for the same keys. */
const snakes = new Map<string, string>();
const snakesAtMost = 20_000;

function snake(key: string): string {
  const known = snakes.get(key);
  if (known !== undefined) return known;
  const made = key
    .replaceAll('_', '__')
    .replaceAll('.', '__')
    .replaceAll('-', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (snakes.size >= snakesAtMost) snakes.clear();
  snakes.set(key, made);
  return made;
}

/** PostgreSQL cuts names at 63 bytes; legal keys are ASCII, so characters are bytes. */
function fit(name: string): string {
  return name.length <= 63 ? name : `${name.slice(0, 47).replace(/_+$/, '')}___${hash(name)}`;
}

/** 64 bits of FNV-1a as 13 base-36 digits. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++)
    value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  return value.toString(36).padStart(13, '0');
}

function camelCase(word: string): string {
  const parts = word.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const joined = parts
    .map((part, i) => (i === 0 ? part[0].toLowerCase() + part.slice(1) : part[0].toUpperCase() + part.slice(1)))
    .join('');
  return keyShape.test(joined) ? joined : '';
}
