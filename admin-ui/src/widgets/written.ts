import type { CatalogField } from '../../../schemas/catalog.js';

/** One entry of a links field as it is written. */
export interface LinkItem {
  id: string;
  label?: string | null;
}

/** True for what a person would call empty: null, undefined, '', an empty list, an object of nothing but empties. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object') return Object.values(value).every(isEmpty);
  return false;
}

/** A value in read form as the API takes it: a link as its id, an address without empty parts; empty is null. */
export function written(field: Pick<CatalogField, 'kind'>, value: unknown): unknown {
  if (isEmpty(value)) return null;
  const write = WRITERS[field.kind];
  return write ? write(value) : plain(value);
}

/** What a PATCH writes to turn one links value into another. */
export function linksChange(before: unknown, after: unknown): { add: LinkItem[]; remove: string[] } {
  const was = new Map(asLinks(before).map((item) => [item.id, item.label ?? null]));
  const is = new Map(asLinks(after).map((item) => [item.id, item.label ?? null]));
  return {
    add: [...is]
      .filter(([id, label]) => !was.has(id) || was.get(id) !== label)
      .map(([id, label]) => (label ? { id, label } : { id })),
    remove: [...was.keys()].filter((id) => !is.has(id)),
  };
}

/** Kinds that want the full width of a form. */
export const WIDE_KINDS: ReadonlySet<string> = new Set([
  'longText',
  'richText',
  'address',
  'json',
  'links',
  'tags',
  'multiChoice',
]);

/** Kinds that hold a reference: their schema speaks of ids, their value in hand is an object with a title. */
export const REFERENCE_KINDS: ReadonlySet<string> = new Set(['link', 'links', 'anyLink', 'user', 'file']);

/** A JSON copy that shares nothing with the original. */
export function plain<T>(value: T): T {
  return typeof value === 'object' && value !== null ? (JSON.parse(JSON.stringify(value)) as T) : value;
}

const idOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
const asLinks = (value: unknown): LinkItem[] =>
  Array.isArray(value) ? value.map((one) => (typeof one === 'string' ? { id: one } : (one as LinkItem))) : [];

/** A host without a scheme, the same as an import takes for a web address. */
const BARE_HOST = /^[^\s:/?#]+\.[^\s:/?#]{2,}([:/?#]\S*)?$/;

/** Kinds whose written form differs from the read one. */
const WRITERS: Record<string, (value: unknown) => unknown> = {
  link: idOf,
  user: idOf,
  file: idOf,
  links: (value) => asLinks(value).map(({ id, label }) => (label ? { id, label } : { id })),
  anyLink: (value) => ({ entity: (value as { entity: string }).entity, id: (value as { id: string }).id }),
  // People write `example.com`; the server takes addresses with a scheme.
  url: (value) => (typeof value === 'string' && BARE_HOST.test(value.trim()) ? `https://${value.trim()}` : value),
  address: (value) =>
    Object.fromEntries(Object.entries(value as Record<string, unknown>).filter(([, part]) => !isEmpty(part))),
};
