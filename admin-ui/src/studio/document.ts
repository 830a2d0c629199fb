/** A definition document, read loosely: its shape is checked by the server. */
export type Json = Readonly<Record<string, unknown>>;

/** The object under a key, or an empty one. */
export function objectOf(document: Json | undefined, key: string): Json {
  const value = document?.[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** The list under a key, or an empty one. */
export function listOf<T = Json>(document: Json | undefined, key: string): readonly T[] {
  const value = document?.[key];
  return Array.isArray(value) ? (value as T[]) : [];
}

/** The text under a key, or ''. */
export function textOf(document: Json | undefined, key: string): string {
  const value = document?.[key];
  return typeof value === 'string' ? value : '';
}

/** A JSON Pointer from its steps. */
export function pointer(...steps: readonly string[]): string {
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A key out of a label: `VIP level` → `vipLevel`; words that have no Latin letters give ''. */
export function keyFrom(label: string): string {
  const words = label
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  const key = words
    .map((word, i) => (i === 0 ? word.toLowerCase() : (word[0] ?? '').toUpperCase() + word.slice(1).toLowerCase()))
    .join('');
  return /^[a-z]/.test(key) ? key.slice(0, 40) : '';
}
