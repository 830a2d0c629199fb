import type { Values } from '../form/index.js';

let kept: { entity: string; values: Values } | null = null;

/** Lays the values of a duplicate by, for the page that makes the record: they are too long for an address. */
export function keepDuplicate(entity: string, values: Values): void {
  kept = { entity, values };
}

/** The values laid by for an entity, once. */
export function takeDuplicate(entity: string): Values | null {
  const found = kept?.entity === entity ? kept.values : null;
  kept = null;
  return found;
}
