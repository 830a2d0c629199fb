import { currencyKey } from './kinds/currency.js';
import { kindOf } from './kinds/index.js';
import { isObject } from './json.js';

type Document = Readonly<Record<string, unknown>>;

/** A field that nothing defines any longer, as it last was. */
export interface RetiredField {
  readonly entity: string;
  readonly field: string;
  /** Plugin that defined it. */
  readonly plugin: string;
  /** Its property as written; null where it was not kept. */
  readonly definition: Document | null;
}

interface Merged {
  readonly document: Document;
  /** Keys that the extension added. */
  readonly keys: readonly string[];
}

const known = new WeakMap<Document, WeakMap<Document, Merged>>();

/** Lays the properties of an extension beside those of its entity; buildSchema tells where they may not stand. */
export function mergeExtension(entity: Document, extension: Document): Merged {
  const ofEntity = known.get(entity) ?? new WeakMap<Document, Merged>();
  known.set(entity, ofEntity);
  const merged = ofEntity.get(extension) ?? merge(entity, extension);
  ofEntity.set(extension, merged);
  return merged;
}

function merge(entity: Document, extension: Document): Merged {
  const own = (entity.properties ?? {}) as Document;
  const added = Object.entries((extension.properties ?? {}) as Document).filter(([key]) => !Object.hasOwn(own, key));
  const required = [...((entity.required ?? []) as string[]), ...((extension.required ?? []) as string[])];
  return {
    document: {
      ...entity,
      properties: { ...own, ...Object.fromEntries(added) },
      ...(required.length > 0 ? { required: [...new Set(required)] } : {}),
    },
    keys: added.map(([key]) => key),
  };
}

/**
 * The entity with a retired field laid in. Null where it stands again, was not kept, points at an entity that is gone, or is
 * the currency beside an amount, which comes with it.
 */
export function layRetired(
  entity: Document,
  { entity: id, field, definition }: RetiredField,
  { all, knows }: { readonly all: readonly RetiredField[]; knows(entity: string): boolean },
): Document | null {
  const properties = (entity.properties ?? {}) as Document;
  if (definition === null || Object.hasOwn(properties, field)) return null;
  const x = definition['x-field'];
  if (!isObject(x)) return null;
  const siblings = all
    .filter((other) => other.entity === id)
    .map((other): [string, unknown] => [other.field, other.definition]);
  const isSibling = [...Object.entries(properties), ...siblings].some(
    ([key, property]) => currencyKey(key) === field && isMoney(property),
  );
  const targets = [x.to ?? []].flat().filter((to) => to !== '*');
  if (isSibling || !targets.every((to) => knows(String(to)))) return null;
  const retired = { ...definition, 'x-field': { ...x, retired: true } };
  return { ...entity, properties: { ...properties, [field]: retired } };
}

function isMoney(property: unknown): boolean {
  const x = isObject(property) ? property['x-field'] : null;
  return isObject(x) && typeof x.kind === 'string' && kindOf(x.kind)?.currencyColumn !== undefined;
}
