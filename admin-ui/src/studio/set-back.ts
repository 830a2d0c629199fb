import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { diffDocument } from '../../../core/schema/diff-document.js';
import type { Json } from './document.js';

/** A definition as it will be, and what stands below the workspace; null: the workspace made it. */
export interface Sides {
  readonly type: string;
  readonly id: string;
  readonly document: Json;
  readonly below: Json | null;
}

/** The operations that give a place of a definition back what stands below the workspace; none where it has it. */
export function setBack({ type, id, document, below }: Sides, at: string): WorkspaceOperation[] {
  if (below === null) return [];
  return diffDocument({ type, before: document, after: below })
    .filter((operation) => isWithin(operation.at, at) || (operation.op !== 'move' && isWithin(at, operation.at)))
    .map((operation) => ({ type, id, ...operation }));
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}
