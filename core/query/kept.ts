import type { QueryEnv, Scoped } from './types.js';

/** What was made for a scope (one actor, one catalog), by what it was made of. */
export interface Kept<T> {
  byScope: WeakMap<Scoped, Map<string, T>>;
  /** Put in since it was empty. */
  size: number;
}

/** Kept for one scope, and for all together: then it begins anew, so that nobody fills the memory. */
const keptOfScope = 50;
const keptInAll = 10_000;
/** Longest key of what is kept: longer ones list ids, and nobody asks for those again. */
const longestKey = 2_000;
const keys = new WeakMap<readonly string[], string>();

/** Nothing is kept yet. */
export function keptNone<T>(): Kept<T> {
  return { byScope: new WeakMap(), size: 0 };
}

/**
 * What was made once for a scope and a key, since clients ask for the same things again and again; it must not hold on to the
 * environment, which is that of one request. What depends on the moment, the zone, the reader or the system, or is asked of
 * the past or for a share to come, is made anew.
 */
export function keptOr<T>(kept: Kept<T>, env: QueryEnv, scope: Scoped, key: string, make: (watched: QueryEnv) => T): T {
  if (env.past || env.judged || env.sharesLast !== undefined || key.length > longestKey) return make(env);
  const found = kept.byScope.get(scope)?.get(key);
  if (found !== undefined) return found;
  const { watched, isMomentary } = watch(env);
  const made = make(watched);
  if (!isMomentary()) keep(kept, scope, key, made);
  return made;
}

function keep<T>(kept: Kept<T>, scope: Scoped, key: string, made: T): void {
  if (kept.size >= keptInAll) Object.assign(kept, keptNone());
  const known = kept.byScope.get(scope) ?? new Map<string, T>();
  kept.byScope.set(scope, known);
  if (known.size >= keptOfScope) known.clear();
  known.set(key, made);
  kept.size++;
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
