import { elementKey, elementKeys, pointerStep } from '../../schema/index.js';

/** The pointer with elements of lists named by their index turned into one with their keys, as far as the document has them. */
export function keyedPointer(document: unknown, pointer: string): string {
  let node = document;
  let keyed = '';
  for (const raw of pointer.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(node)) {
      const element: unknown = /^\d+$/.test(step) ? node[Number(step)] : node.find((one) => elementKey(one) === step);
      keyed += pointerStep(elementKeys(node) === null ? step : (elementKey(element) ?? step));
      node = element;
    } else {
      keyed += pointerStep(step);
      node = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[step] : undefined;
    }
  }
  return keyed;
}

/** The innermost element of a keyed list that a keyed pointer is or lies in; null where there is none. */
export function elementAround(document: unknown, pointer: string): string | null {
  let node = document;
  let at = '';
  let found: string | null = null;
  for (const raw of pointer.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    at += `/${raw}`;
    if (Array.isArray(node)) {
      if (elementKeys(node) === null) return found;
      node = node.find((one) => elementKey(one) === step) as unknown;
      found = at;
    } else node = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[step] : undefined;
  }
  return found;
}

/** True where `inner` is `outer` or lies below it. */
export function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}
