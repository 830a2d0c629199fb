import { randomUUID } from 'node:crypto';
import type { UserActor } from '../../sdk/index.js';
import type { Person } from './people.js';

/** A user as it is and as it would be; the same twice where the user itself is not what changes. */
export interface Pair {
  readonly person: Person;
  readonly before: UserActor;
  readonly after: UserActor;
}

/** Users whose conditions on rows differ in their own ids only, so that one look says for all of them where anything may differ. */
export interface Kind {
  readonly pairs: readonly Pair[];
  /** Somebody like them whose ids nothing knows, so that no condition is the same by chance. */
  readonly standIn: { readonly before: UserActor; readonly after: UserActor };
  /** True for a condition that is each one's own. */
  isOwn(key: string): boolean;
}

/** The kinds of the users, in the order of their first ones. */
export function kindsOf(pairs: readonly Pair[]): Kind[] {
  const alike = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const key = keyOf(pair);
    const known = alike.get(key);
    if (known) known.push(pair);
    else alike.set(key, [pair]);
  }
  return [...alike.values()].map((each) => ({ pairs: each, ...standInOf(each[0]) }));
}

/** What decides over conditions but for ids of its own; by which groups it comes to differ is the same for all of a kind. */
function keyOf({ before, after }: Pair): string {
  const of = ({ roles, reach, principals }: UserActor): unknown[] => [roles, reach, principals.length];
  if (before === after) return JSON.stringify(of(before));
  const [was, is] = [new Set(before.principals), new Set(after.principals)];
  const left = before.principals.filter((id) => !is.has(id));
  const joined = after.principals.filter((id) => !was.has(id));
  return JSON.stringify([of(before), of(after), left, joined]);
}

function standInOf({ before, after }: Pair): Omit<Kind, 'pairs'> {
  const stays = new Set(after.principals);
  const ids = new Map(before.principals.filter((id) => stays.has(id)).map((id) => [id, randomUUID() as string]));
  const as = (actor: UserActor): UserActor => ({
    ...actor,
    userId: ids.get(actor.userId) ?? actor.userId,
    principals: actor.principals.map((id) => ids.get(id) ?? id),
  });
  const stood = as(before);
  const own = [...ids.values()];
  return {
    standIn: { before: stood, after: before === after ? stood : as(after) },
    isOwn: (key) => own.some((id) => key.includes(id)),
  };
}
