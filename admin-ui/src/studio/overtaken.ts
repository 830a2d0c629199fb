import type { Overtaken, WorkspaceOperation } from '../../../schemas/studio.js';

/** True where an operation would write at a place that somebody changed meanwhile, around it, or inside of it. */
export function writesAt(
  operation: WorkspaceOperation,
  { type, id, at }: Pick<Overtaken, 'type' | 'id' | 'at'>,
): boolean {
  if (operation.type !== type || operation.id !== id) return false;
  return isWithin(operation.at, at) || isWithin(at, operation.at);
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}
