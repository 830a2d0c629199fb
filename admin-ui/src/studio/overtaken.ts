import type { Overtaken, WorkspaceOperation } from '../../../schemas/studio.js';

/** True where an operation would write at a place that somebody changed meanwhile, around it, or inside of it. */
export function writesAt(
  operation: WorkspaceOperation,
  { type, id, at }: Pick<Overtaken, 'type' | 'id' | 'at'>,
): boolean {
  if (operation.type !== type || operation.id !== id) return false;
  return isWithin(operation.at, at) || isWithin(at, operation.at);
}

/** Names a change of a place by somebody else: who changes it once more asks once more. */
export function keyOf({ type, id, at, changeSet }: Overtaken): string {
  return `${type}:${id}#${at} ${changeSet}`;
}

/**
 * What is still to be decided of a plan's overtaken places, when those of `accepted` (see `keyOf`) are to be replaced by one's own; and
 * the definitions (`type:id`) of which every place is accepted. Only these may count as read: an epoch is that of a whole definition,
 * and would let what is undecided go unseen.
 */
export function weighOvertaken(
  overtaken: readonly Overtaken[],
  accepted: ReadonlySet<string>,
): { undecided: Overtaken[]; settled: Pick<Overtaken, 'type' | 'id'>[] } {
  const undecided = overtaken.filter((one) => !accepted.has(keyOf(one)));
  const isOpen = ({ type, id }: Overtaken): boolean => undecided.some((one) => one.type === type && one.id === id);
  return { undecided, settled: overtaken.filter((one) => !isOpen(one)).map(({ type, id }) => ({ type, id })) };
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}
