import { conflict, type Issue } from '../../base/errors.js';
import { sameJson, valueAtPointer } from '../../schema/index.js';
import { readAppliedSince, type AppliedChange } from './change-store.js';
import type { ChangesDeps } from './deps.js';
import { isWithin, keyedPointer } from './pointers.js';
import type { Standing } from './prepare.js';
import type { ChangeInput, Overtaken, WorkspaceOperation } from './types.js';

/**
 * Places that operations would write and that somebody changed since the author read their definitions: where both changed the same, one
 * of them has to look first. What both set to the same is none, and neither is what was set back meanwhile.
 */
export async function findOvertaken(
  deps: Pick<ChangesDeps, 'ask'>,
  standing: Standing,
  { operations, basis }: Pick<ChangeInput, 'operations' | 'basis'>,
): Promise<Overtaken[]> {
  const named = new Set(operations.map(({ type, id }) => `${type}:${id}`));
  const read = Object.entries(basis ?? {}).filter(([name, epoch]) => named.has(name) && epoch < standing.stored.epoch);
  if (read.length === 0) return [];
  const later = await readAppliedSince(deps.ask, Object.fromEntries(read));
  const found = new Map<string, Overtaken>();
  for (const change of later)
    for (const { type, id, steps } of change.inverse) {
      const mine = operations.filter((one) => one.type === type && one.id === id);
      const now = standing.catalog.definitions(type).get(id)?.document;
      for (const { operation } of steps) {
        const at = keyedPointer(now, operation.at);
        if (operation.op === 'move' || !mine.some((one) => clashes(one, at, now))) continue;
        found.set(`${type}:${id}#${at}`, told(change, { type, id, at }, valueAtPointer(now, at)));
      }
    }
  return [...found.values()];
}

/** Throws change.overtaken, with each place, who changed it, and what stands there now. */
export function mustNotBeOvertaken(overtaken: readonly Overtaken[]): void {
  if (overtaken.length === 0) return;
  const [{ by, type, id, at }] = overtaken;
  const issues = overtaken.slice(0, 100).map((one): Issue => ({
    path: `${one.type}:${one.id}#${one.at}`,
    code: 'change.overtaken',
    message: `${one.by?.title ?? 'Somebody'} changed it since you read it.`,
    params: { by: one.by?.title ?? null, changeSet: one.changeSet, now: (one.now ?? null) as never },
  }));
  throw conflict(
    'change.overtaken',
    `${by?.title ?? 'Somebody'} changed ${type}:${id}#${at} since you read it; your change would undo that.`,
    { hint: 'Read it again; leave theirs as it is, or send the epoch of now as basis.', issues },
  );
}

function clashes(mine: WorkspaceOperation, at: string, now: unknown): boolean {
  const place = keyedPointer(now, mine.at);
  if (mine.op === 'move' || !(isWithin(place, at) || isWithin(at, place))) return false;
  return !(mine.op === 'set' && sameJson(mine.value, valueAtPointer(now, place)));
}

function told(change: AppliedChange, place: Pick<Overtaken, 'type' | 'id' | 'at'>, now: unknown): Overtaken {
  const { by, at: when, reason, id: changeSet } = change;
  return { ...place, ...(now === undefined ? {} : { now }), by, when, reason, changeSet };
}
