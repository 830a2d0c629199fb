import type { QueryEnv, Scoped } from './types.js';

/** What was made for a scope (one actor, one catalog), by what it was made of. */
export type Kept<T> = WeakMap<Scoped, Map<string, T>>;

/** Remembered of each sort for a scope. */
const keptAtMost = 50;
const keys = new WeakMap<readonly string[], string>();

/**
 * What was made once for a scope and a key, since clients ask for the same things again and again. What depends on the moment or the
 * reader's zone, or is asked of the past or for a share to come, is made anew.
 */
export function keptOr<T>(kept: Kept<T>, env: QueryEnv, scope: Scoped, key: string, make: (watched: QueryEnv) => T): T {
  if (env.past || env.judged || env.sharesLast !== undefined) return make(env);
  let known = kept.get(scope);
  if (known === undefined) kept.set(scope, (known = new Map()));
  const found = known.get(key);
  if (found !== undefined) return found;
  const { watched, isMomentary } = watch(env);
  const made = make(watched);
  if (isMomentary()) return made;
  if (known.size >= keptAtMost) known.clear();
  known.set(key, made);
  return made;
}

/** A text for a list of fields, or for all of them; made once for an array that nobody can change. */
export function fieldsKey(fields: readonly string[] | undefined): string {
  if (fields === undefined) return '*';
  let key = keys.get(fields);
  if (key === undefined) {
    key = JSON.stringify(fields);
    if (Object.isFrozen(fields)) keys.set(fields, key);
  }
  return key;
}

/** Tells whether something asked for more than the scope says. */
function watch(env: QueryEnv): { watched: QueryEnv; isMomentary: () => boolean } {
  let asked = false;
  const note = <T>(value: T): T => {
    asked = true;
    return value;
  };
  const watched: QueryEnv = {
    schema: env.schema,
    scopeOf: env.scopeOf,
    wholeOf: env.wholeOf,
    collation: env.collation,
    cursorKey: env.cursorKey,
    guard: env.guard,
    get now() {
      return note(env.now);
    },
    get zone() {
      return note(env.zone);
    },
    get me() {
      return note(env.me);
    },
    get asSystem() {
      return note(env.asSystem);
    },
  };
  return { watched, isMomentary: () => asked };
}
