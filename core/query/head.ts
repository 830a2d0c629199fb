import { fieldsKey, keptNone, keptOr, type Kept } from './kept.js';
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

const pages = keptNone<Head>();
const ones = keptNone<HeadOfOne>();

/** Guard columns and select list of a page. Throws query.unknown_field. */
export function beginPage(env: QueryEnv, scope: Scoped, fields: readonly string[] | undefined): Head {
  return begin(pages, env, scope, fields, (watched) => headOf(watched, scope, fields, false));
}

/** Guard columns, select list and condition of one record. Throws query.unknown_field. */
export function beginOne(env: QueryEnv, scope: Scoped, fields: readonly string[] | undefined): HeadOfOne {
  return begin(ones, env, scope, fields, (watched) => {
    const head = headOf(watched, scope, fields, true);
    return {
      ...head,
      from: visibleSource(head.sql, watched, scope, 'one'),
      predicate: visiblePredicate(head.sql, watched, scope, 't', 'one'),
    };
  });
}

function headOf(env: QueryEnv, scope: Scoped, fields: readonly string[] | undefined, withLines: boolean): Head {
  const sql = new Sql();
  const guard = env.guard(sql);
  return { sql, guard, select: selectList(sql, env, planFields(env, scope, fields, withLines), 't'), texts: new Map() };
}

function begin<H extends Head>(
  kept: Kept<H>,
  env: QueryEnv,
  scope: Scoped,
  fields: readonly string[] | undefined,
  make: (watched: QueryEnv) => H,
): H {
  const head = keptOr(kept, env, scope, fieldsKey(fields), make);
  return { ...head, sql: head.sql.copy() };
}
