import { planFields, selectList } from './select.js';
import { Sql } from './sql.js';
import type { QueryEnv, Scoped } from './types.js';

/** What statements of one actor over the same fields of an entity begin with. */
export interface Head {
  /** The statement in the making; guard and select list have put in their values. */
  readonly sql: Sql;
  /** Guard columns. */
  readonly guard: string;
  /** Select list over `t`. */
  readonly select: string;
  /** Whole statements over it, by what they differ in: the same text each time is found faster among the prepared ones. */
  readonly texts: Map<string, string>;
}

/** Field lists remembered for a scope. */
const keptAtMost = 100;
const kept = new WeakMap<Scoped, Map<string, Head>>();

/**
 * Guard columns and select list of a read, made once for a scope (one actor, one catalog) and a list of fields: clients ask for
 * the same ones again and again. What depends on the moment or the reader's zone is made anew. Throws query.unknown_field.
 */
export function beginRead(
  env: QueryEnv,
  scope: Scoped,
  fields: readonly string[] | undefined,
  withLines: boolean,
): Head {
  const heads = kept.get(scope) ?? new Map<string, Head>();
  kept.set(scope, heads);
  const key = `${withLines ? '+' : '-'}${fields === undefined ? '*' : JSON.stringify(fields)}`;
  let head = heads.get(key);
  if (head === undefined) {
    const { watched, isMomentary } = watch(env);
    const sql = new Sql();
    const guard = env.guard(sql);
    const select = selectList(sql, watched, planFields(watched, scope, fields, withLines), 't');
    head = { sql, guard, select, texts: new Map() };
    if (isMomentary()) return head;
    if (heads.size >= keptAtMost) heads.clear();
    heads.set(key, head);
  }
  return { ...head, sql: head.sql.copy() };
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
