import { visiblePredicate, visibleSource } from './member.js';
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

/** The beginning of a read of one record, with its lines. */
export interface HeadOfOne extends Head {
  /** What `t` is read from. */
  readonly from: string;
  /** The condition by which the actor sees it. */
  readonly predicate: string;
}

/** Field lists remembered for a scope. */
const keptAtMost = 100;
const pages = new WeakMap<Scoped, Map<string, Head>>();
const ones = new WeakMap<Scoped, Map<string, HeadOfOne>>();

/** Guard columns and select list of a page. Throws query.unknown_field. */
export function beginPage(env: QueryEnv, scope: Scoped, fields: readonly string[] | undefined): Head {
  return begin(pages, env, scope, fields, (watched, sql) => headOf(watched, sql, scope, fields, false));
}

/** Guard columns, select list and condition of one record. Throws query.unknown_field. */
export function beginOne(env: QueryEnv, scope: Scoped, fields: readonly string[] | undefined): HeadOfOne {
  return begin(ones, env, scope, fields, (watched, sql) => ({
    ...headOf(watched, sql, scope, fields, true),
    from: visibleSource(sql, watched, scope),
    predicate: visiblePredicate(sql, watched, scope, 't'),
  }));
}

function headOf(
  env: QueryEnv,
  sql: Sql,
  scope: Scoped,
  fields: readonly string[] | undefined,
  withLines: boolean,
): Head {
  const guard = env.guard(sql);
  return { sql, guard, select: selectList(sql, env, planFields(env, scope, fields, withLines), 't'), texts: new Map() };
}

/**
 * A head made once for a scope (one actor, one catalog) and a list of fields: clients ask for the same ones again and again. What
 * depends on the moment or the reader's zone is made anew.
 */
function begin<H extends Head>(
  kept: WeakMap<Scoped, Map<string, H>>,
  env: QueryEnv,
  scope: Scoped,
  fields: readonly string[] | undefined,
  make: (watched: QueryEnv, sql: Sql) => H,
): H {
  const heads = kept.get(scope) ?? new Map<string, H>();
  kept.set(scope, heads);
  const key = fields === undefined ? '*' : JSON.stringify(fields);
  let head = heads.get(key);
  if (head === undefined) {
    const { watched, isMomentary } = watch(env);
    head = make(watched, new Sql());
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
