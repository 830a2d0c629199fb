import { isObject } from './json.js';

/** Properties that can name an element of a list, the first of them that is a text does. */
export const keyProperties = ['value', 'id', 'key', 'field', 'entity', 'view'] as const;

/**
 * The key by which an element of a list is addressed, or null where it has none. A plain text is its own key. Two kinds of
 * elements need a pair to be told apart: an entry of a role's `fields` is `<entity>.<field>` (`contacts.company.name`), a
 * total of a view is `<field>.<fn>` (`amount.sum`); a key from a link path or a text may hold dots too, which is no harm,
 * since keys are compared within one list only.
 */
export function elementKey(element: unknown): string | null {
  if (typeof element === 'string') return element;
  if (!isObject(element)) return null;
  const name = keyProperties.find((property) => typeof element[property] === 'string');
  if (name === undefined) return null;
  const key = element[name] as string;
  if (name !== 'field') return key;
  if (typeof element.entity === 'string') return `${element.entity}.${key}`;
  return typeof element.fn === 'string' ? `${key}.${element.fn}` : key;
}

/** Keys of a list in order, or null where it is an opaque value: an element without a key, or two with the same. */
export function elementKeys(list: readonly unknown[]): readonly string[] | null {
  const keys: string[] = [];
  for (const element of list) {
    const key = elementKey(element);
    if (key === null) return null;
    keys.push(key);
  }
  return new Set(keys).size === keys.length ? keys : null;
}
