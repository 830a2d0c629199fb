import type { AccessChange, WorkspaceOperation } from '../../../../schemas/studio.js';

/** True where operations may let somebody see or do more or less. */
export function touchesAccess(operations: readonly WorkspaceOperation[]): boolean {
  return operations.some(
    ({ type, at }) =>
      ['role', 'sharing-rule', 'restriction-rule'].includes(type) ||
      (type === 'entity' && /^\/x-entity\/(access|ownership)/.test(at)),
  );
}

/** What a user gains and loses in all. `null`: something was not counted. */
export interface UserImpact {
  user: AccessChange['user'];
  changes: AccessChange[];
  gained: number;
  lost: number;
  /** Records of some entity were not counted. */
  isPartial: boolean;
  /** Fields and operations that change hands; which records show which fields is one. */
  others: number;
}

/** The changes by user, those who lose or gain most records first. */
export function byUser(changes: readonly AccessChange[]): UserImpact[] {
  const found = new Map<string, UserImpact>();
  for (const change of changes) {
    const known = found.get(change.user.id);
    const impact = known ?? { user: change.user, changes: [], gained: 0, lost: 0, isPartial: false, others: 0 };
    found.set(change.user.id, {
      ...impact,
      changes: [...impact.changes, change],
      gained: impact.gained + (change.read?.gained ?? 0),
      lost: impact.lost + (change.read?.lost ?? 0),
      isPartial: impact.isPartial || change.read === null,
      others: impact.others + othersOf(change),
    });
  }
  return [...found.values()].sort((a, b) => b.lost - a.lost || b.gained - a.gained || compare(a, b));
}

function othersOf({ fields, fieldsByRecord, permissions }: AccessChange): number {
  return fields.length + Number(fieldsByRecord) + permissions.gained.length + permissions.lost.length;
}

function compare(a: UserImpact, b: UserImpact): number {
  return a.user.title.localeCompare(b.user.title);
}
