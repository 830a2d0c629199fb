import { compileSql, type SqlEnv } from '../expression/index.js';
import { criterionSql } from '../schema/index.js';
import { holderGroups } from './owned.js';
import { policyEnv, policyScope, ruleEnv } from './policy-env.js';
import { literal, quote, type Sql } from './sql.js';
import type { FieldLevel, HolderRows, PartRows, QueryEnv, RowPart, Scoped } from './types.js';

/** Names of a scope over an alias, as expressions see them. */
type SqlEnvOf = (sql: Sql, env: QueryEnv, scope: Scoped, alias: string) => SqlEnv;

/** Which rows are in a scope, as SQL over `alias.` of the entity's own relation. */
export interface RowSql {
  /**
   * The condition that a row must meet; `true` where nothing is hidden. Deleted rows are not its business. `one`: a single row is
   * looked at.
   */
  rowPredicate(sql: Sql, env: QueryEnv, scope: Scoped, alias: string, how?: 'one'): string;
  /** True for rows that come by any of the parts; restrictions left out. */
  anyOf(sql: Sql, env: QueryEnv, scope: Scoped, parts: readonly RowPart[], alias: string, how?: 'one'): string;
  /** The restriction rules of a scope, each as a condition. */
  limitsSql(sql: Sql, env: QueryEnv, scope: Scoped, alias: string): string[];
  /** One way as a condition. */
  partSql(sql: Sql, env: QueryEnv, scope: Scoped, rows: PartRows, alias: string): string;
}

/** Up to so many ids are compared one by one. */
const fewPrincipals = 8;

/** Conditions read fields, and fields of other records only where their rows are visible: hence what makes the names is given. */
export function makeRowSql(sqlEnv: SqlEnvOf): RowSql {
  const made: RowSql = {
    rowPredicate(sql, env, scope, alias, how) {
      const { rows } = scope;
      if (rows.kind === 'all') return 'true';
      if (rows.kind === 'none') return 'false';
      const reached = made.anyOf(sql, env, scope, rows.parts, alias, how);
      const limits = made.limitsSql(sql, env, scope, alias);
      if (limits.length === 0) return reached;
      return `(${[...(reached === 'true' ? [] : [reached]), ...limits].join(' and ')})`;
    },
    anyOf(sql, env, scope, parts, alias, how) {
      const merged = mergedRows(env, scope, parts);
      const { ways, byOwner } = how === 'one' ? apartByOwner(merged) : { ways: merged, byOwner: null };
      const conditions = ways.map((rows) =>
        // One way among others finds no rows by an index: comparing with a few ids takes less than setting up a table of them.
        rows.by === 'owners' && merged.length > 1 && rows.principals.length <= fewPrincipals
          ? `${alias}.owner_id = any(${sql.param(rows.principals, 'uuid[]')})`
          : made.partSql(sql, env, scope, rows, alias),
      );
      if (byOwner) conditions.push(reachedByOwner(sql, byOwner, alias));
      if (conditions.includes('true')) return 'true';
      if (conditions.length === 0) return 'false';
      return conditions.length === 1 ? conditions[0] : `(${conditions.join(' or ')})`;
    },
    limitsSql(sql, env, scope, alias) {
      const { rows, entity } = scope;
      if (rows.kind !== 'some') return [];
      return rows.only.map(({ expression }) => {
        const whole = env.wholeOf(entity.id);
        if (expression === null || !whole) return 'false';
        return `(${compileSql(expression, sqlEnv(sql, ruleEnv(env), whole, alias), { position: 'filter' })})`;
      });
    },
    partSql(sql, env, scope, rows, alias) {
      switch (rows.by) {
        case 'all':
          return 'true';
        case 'owners':
          return ownerPredicate(sql, rows.principals, alias);
        case 'reports':
          return `exists (select 1 from trellis.report r where r.superior_id = ${sql.param(rows.superior, 'uuid')} and r.user_id = ${alias}.owner_id)`;
        case 'holders':
          return ending(sql, env, rows.until, holdersSql(sql, env, rows, alias));
        case 'shared':
          return sharedSql(sql, env, scope, rows, alias);
        case 'when': {
          // Of the record's own columns everybody who judges it sees the same.
          const kept = criterionSql(scope.entity, rows.expression, alias);
          if (kept !== null) return ending(sql, env, rows.until, kept);
          const over = rows.asSystem ? env.wholeOf(scope.entity.id) : policyScope(scope);
          if (!over) return 'false';
          const inner = rows.asSystem ? ruleEnv(env) : policyEnv(env, scope.entity.id);
          const condition = compileSql(rows.expression, sqlEnv(sql, inner, over, alias), { position: 'filter' });
          return ending(sql, env, rows.until, condition);
        }
        case 'parent': {
          const column = `${alias}.${quote(rows.link.kind.columns(rows.link)[0].name)}`;
          if (rows.scope.rows.kind === 'all') return `${column} is not null`;
          const x = sql.alias();
          const inner = made.rowPredicate(sql, env, rows.scope, x);
          return `exists (select 1 from ${rows.scope.entity.source} ${x} where ${x}.id = ${column} and ${inner})`;
        }
      }
    },
  };
  return made;
}

/**
 * The distinct ways of the parts; those by the holders of roles, teams and territories are one. A role's condition is passed over while it is
 * being judged: it must not wait for itself.
 */
export function mergedRows(env: QueryEnv, scope: Scoped, parts: readonly RowPart[]): PartRows[] {
  const judged = env.judged?.has(scope.entity.id) === true;
  const merged: PartRows[] = [];
  for (const { rows } of parts) {
    if (rows.by === 'all') return [rows];
    if (rows.by === 'when' && !rows.asSystem && judged) continue;
    const isLasting = rows.by === 'holders' && rows.until === undefined;
    const at = isLasting ? merged.findIndex((other) => other.by === 'holders' && other.until === undefined) : -1;
    const other = merged[at];
    if (rows.by === 'holders' && other?.by === 'holders')
      merged[at] = {
        by: 'holders',
        roles: [...new Set([...other.roles, ...rows.roles])],
        teams: [...new Set([...other.teams, ...rows.teams])],
        territories: [...new Set([...other.territories, ...rows.territories])],
      };
    else merged.push(rows);
  }
  return merged;
}

interface ByOwner {
  readonly superior: string | null;
  readonly holders: HolderRows;
}

/** What the owner of a row decides by more than its id, apart from the other ways: where holders are among it, that are several tables. */
function apartByOwner(ways: readonly PartRows[]): { ways: readonly PartRows[]; byOwner: ByOwner | null } {
  const holders = ways.find((rows) => rows.by === 'holders' && rows.until === undefined);
  if (holders?.by !== 'holders') return { ways, byOwner: null };
  const reports = ways.find((rows) => rows.by === 'reports');
  return {
    ways: ways.filter((rows) => rows !== holders && rows !== reports),
    byOwner: { superior: reports?.by === 'reports' ? reports.superior : null, holders },
  };
}

function reachedByOwner(sql: Sql, { superior, holders }: ByOwner, alias: string): string {
  const names = [holders.roles, holders.teams, holders.territories].map((each) =>
    sql.param(each.length === 0 ? null : each, 'text[]'),
  );
  return `trellis.reached_by_owner(${alias}.owner_id, ${sql.param(superior, 'uuid')}, ${names.join(', ')})`;
}

/** `owner_id = $1` for one principal, a hashable subselect for several (a plain `= any` loses hashing under a generic plan). */
export function ownerPredicate(sql: Sql, principals: readonly string[], alias: string): string {
  if (principals.length === 1) return `${alias}.owner_id = ${sql.param(principals[0], 'uuid')}`;
  return `${alias}.owner_id in (select unnest(${sql.param(principals, 'uuid[]')}))`;
}

/**
 * A way that ends: by the database's clock, as shares do, since who may what is kept longer than a request. Where only what lasts
 * is asked for, it is no way if it ends before.
 */
function ending(sql: Sql, { sharesLast }: QueryEnv, until: string | undefined, condition: string): string {
  if (until === undefined) return condition;
  if (sharesLast !== undefined && (sharesLast === null || new Date(until) < sharesLast))
    return `(false and ${condition})`;
  return `(now() < ${sql.param(until, 'timestamptz')} and ${condition})`;
}

function holdersSql(sql: Sql, env: QueryEnv, rows: HolderRows, alias: string): string {
  const { roles } = rows;
  const ways: string[] = [];
  if (roles.length > 0)
    ways.push(
      `exists (select 1 from trellis.user_role h where h.user_id = ${alias}.owner_id and h.role = any(${sql.param(roles, 'text[]')}))`,
    );
  for (const { named, members, user } of holderGroups(sql, env, rows))
    ways.push(`${alias}.owner_id in (${named})`, `exists (select 1 from ${members} and ${user} = ${alias}.owner_id)`);
  return ways.length === 1 ? ways[0] : `(${ways.join(' or ')})`;
}

function sharedSql(
  sql: Sql,
  env: QueryEnv,
  { entity }: Scoped,
  { principals, level }: { readonly principals: readonly string[]; readonly level: 'read' | 'edit' },
  alias: string,
): string {
  const from = sharesFrom(env, principals, level, entity.id, sql);
  return from === null ? 'false' : `exists (select 1 ${from.text} and s.${from.record} = ${alias}.id)`;
}

/** `from … where …` of the shares that count now, and their columns; by the database's clock, which ends them at their instant. */
export function sharesFrom(
  env: QueryEnv,
  principals: readonly string[],
  level: 'read' | 'edit',
  entity: string,
  sql: Sql,
): { text: string; record: string; principal: string } | null {
  const share = env.schema.entities.get('core.share');
  const [record, principal, until, how] = ['record', 'principal', 'until', 'level'].map((key) =>
    share?.fields.get(key),
  );
  if (!share || !record || !principal || !until || !how) return null;
  const [entityColumn, idColumn] = record.kind.columns(record).map(({ name }) => quote(name));
  const column = (field: typeof until): string => `s.${quote(field.kind.columns(field)[0].name)}`;
  const levels = level === 'edit' ? ` and ${column(how)} = 'edit'` : '';
  const lasting =
    env.sharesLast === undefined
      ? ''
      : ` and (${column(until)} is null or ${column(until)} >= ${sql.param(env.sharesLast, 'timestamptz')})`;
  return {
    text: `from ${share.table} s where s.${entityColumn} = ${literal(entity)} and ${column(principal)} = any(${sql.param(principals, 'uuid[]')}) and s.deleted_at is null and (${column(until)} is null or ${column(until)} > now())${levels}${lasting}`,
    record: idColumn,
    principal: column(principal),
  };
}

/** Parts that show the same fields together, in order. */
export function groupsOf(scope: Scoped): { fields: ReadonlyMap<string, FieldLevel>; parts: RowPart[] }[] {
  if (scope.rows.kind !== 'some') return [];
  const groups = new Map<ReadonlyMap<string, FieldLevel>, RowPart[]>();
  for (const part of scope.rows.parts) groups.set(part.fields, [...(groups.get(part.fields) ?? []), part]);
  return [...groups].map(([fields, parts]) => ({ fields, parts }));
}

/** Keys by which it is decided whether a row is in the scope; null: also by what is no column of the row itself. */
export function decidingKeys(scope: Scoped): ReadonlySet<string> | null {
  const keys = new Set<string>();
  if (scope.rows.kind !== 'some') return keys;
  const expressions = scope.rows.only.map(({ expression }) => expression);
  for (const { rows } of scope.rows.parts) {
    if (rows.by === 'owners' || rows.by === 'reports' || rows.by === 'holders') keys.add('ownerId');
    if (rows.by === 'parent') keys.add(rows.link.key);
    if (rows.by === 'when') expressions.push(rows.expression);
  }
  for (const expression of expressions) {
    for (const [key] of expression?.paths ?? []) {
      const field = scope.entity.fields.get(key);
      if (!field || field.formula || field.rollup || field.lines) return null;
      keys.add(key);
    }
  }
  return keys;
}
