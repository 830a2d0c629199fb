import type { DefinitionAnswer, WorkspaceOperation } from '../../../schemas/studio.js';
import { valueAtPointer } from '../../../core/schema/pointer.js';

/** The operations that give a place of a definition back what stands below the workspace; none where it has it. */
export function setBack({ type, id, document, below }: DefinitionAnswer, at: string): WorkspaceOperation[] {
  if (below === null) return [];
  const [now, then] = [valueAtPointer(document, at), valueAtPointer(below, at)];
  if (JSON.stringify(now) === JSON.stringify(then)) return [];
  return then === undefined ? [{ type, id, op: 'unset', at }] : [{ type, id, op: 'set', at, value: then }];
}
