import { elementKey, pointerStep, widenedAccess, type FoldedLayers } from '../../schema/index.js';
import type { Definition } from '../types.js';
import { elementAround, keyedPointer } from './pointers.js';
import type { BrokenReference, WorkspaceOperation } from './types.js';

type Document = Definition['document'];

/**
 * What a role forbids is bound to a key, not to what stands under it: a rule whose field or entity goes is marked to stay
 * (`keep`), so that whatever gets the key later is no more visible than what had it before.
 */
export function keepsOf(
  folded: Pick<FoldedLayers, 'definitions'>,
  broken: readonly Pick<BrokenReference, 'type' | 'id' | 'at'>[],
): WorkspaceOperation[] {
  return broken.flatMap(({ type, id, at }): WorkspaceOperation[] => {
    const element = type === 'role' ? forbiddingRule(folded.definitions(type).get(id)?.document, at) : null;
    return element === null ? [] : [{ type, id, op: 'set', at: `${element}/keep`, value: true }];
  });
}

/** True where a fault of a role is that a rule which forbids something names what is not there; it harms nobody. */
export function isForbiddingRule(definition: Definition | undefined, pointer: string): boolean {
  if (definition?.type !== 'role') return false;
  return forbiddingRule(definition.document, keyedPointer(definition.document, pointer)) !== null;
}

/** True where a role without the element would allow more than with it. */
function isNarrowing(document: Document | undefined, element: string): boolean {
  const list = /^\/(grants|fields)\//.exec(element)?.[1];
  if (!document || list === undefined || !Array.isArray(document[list])) return false;
  const rest = document[list].filter((one) => `/${list}${pointerStep(elementKey(one) ?? '')}` !== element);
  return widenedAccess(document, { ...document, [list]: rest }).length > 0;
}

/** The element of a rule at whose name a keyed pointer stands, where it forbids something. */
function forbiddingRule(document: Document | undefined, at: string): string | null {
  const element = /\/(entity|field)$/.test(at) ? elementAround(document, at) : null;
  return element !== null && isNarrowing(document, element) ? element : null;
}
