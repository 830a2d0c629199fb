import type { FieldModel } from '../schema/index.js';
import { groupsOf, type RowSql } from './rows.js';
import { quote, type Sql } from './sql.js';
import type { FieldLevel, QueryEnv, RowPart, Scoped } from './types.js';

/** By which parts rows show a field's value, and by which its mask. */
interface Veiled {
  readonly shown: readonly RowPart[];
  readonly masked: readonly RowPart[] | 'all' | 'none';
}

const veils = new WeakMap<Scoped, ReadonlyMap<string, Veiled> | null>();

/** Fields of which not every row of the scope shows the value; null: there is none, and columns are read as they stand. */
function veilOf(scope: Scoped): ReadonlyMap<string, Veiled> | null {
  const known = veils.get(scope);
  if (known !== undefined) return known;
  const groups = groupsOf(scope);
  const veil = new Map<string, Veiled>();
  for (const [key, level] of scope.fields) {
    if (groups.length === 0) {
      if (level === 'masked') veil.set(key, { shown: [], masked: 'all' });
      continue;
    }
    if (groups.every((group) => isPlain(group.fields.get(key)))) continue;
    const masked = groups.flatMap((group) => (group.fields.get(key) === 'masked' ? group.parts : []));
    veil.set(key, {
      shown: groups.flatMap((group) => (isPlain(group.fields.get(key)) ? group.parts : [])),
      masked: masked.length === 0 ? 'none' : masked,
    });
  }
  const found = veil.size === 0 ? null : veil;
  veils.set(scope, found);
  return found;
}

function isPlain(level: FieldLevel | undefined): boolean {
  return level === 'read' || level === 'edit';
}

/** True where not every row of the scope that shows the field at all shows its value. */
export function isVeiled(scope: Scoped, key: string): boolean {
  return veilOf(scope)?.has(key) === true;
}

/** True where some rows of the scope show only a mask of the field: nothing can be asked of it. */
export function isMasked(scope: Scoped, key: string): boolean {
  return (veilOf(scope)?.get(key)?.masked ?? 'none') !== 'none';
}

/** Keys that not every row of the scope shows. */
export function veiledKeys(scope: Scoped): readonly string[] {
  return [...(veilOf(scope)?.keys() ?? [])];
}

/** Rows of a scope as they may be shown. */
export interface Visible {
  /**
   * The relation that rows of a scope are read from, with `visiblePredicate` as its condition. Where some rows show less, it is a
   * selection of the visible rows in which what a row does not show is null, so that nothing that is asked of them sees more. `one`: a
   * single row is looked at.
   */
  visibleSource(sql: Sql, env: QueryEnv, scope: Scoped, how?: 'one'): string;
  /** The condition on rows of `visibleSource`, over its alias; `true` where it needs none. */
  visiblePredicate(sql: Sql, env: QueryEnv, scope: Scoped, alias: string, how?: 'one'): string;
  /**
   * A row at hand, of the entity's own relation, as the scope shows it: what joins it to `alias`, and the alias under which it is
   * read. Whether the row is in the scope is the caller's business.
   */
  shownRow(sql: Sql, env: QueryEnv, scope: Scoped, alias: string): { join: string; alias: string };
  /** Text array of the keys whose value the row shows, of those that not every row does; null where all show all. */
  shownKeysSql(sql: Sql, env: QueryEnv, scope: Scoped, alias: string): string | null;
}

/** Over the row conditions that `makeRowSql` makes. */
export function makeVisible({ rowPredicate, anyOf }: RowSql): Visible {
  const shownColumns = (sql: Sql, env: QueryEnv, scope: Scoped, alias: string, how?: 'one'): string => {
    const conditions = new Map<string, string>();
    const reached = (parts: readonly RowPart[]): string => {
      const key = parts.map((part) => (scope.rows.kind === 'some' ? scope.rows.parts.indexOf(part) : 0)).join();
      const known = conditions.get(key) ?? anyOf(sql, env, scope, parts, alias, how);
      conditions.set(key, known);
      return known;
    };
    const columns = [...scope.entity.fields.values()].flatMap((field) => {
      const veiled = veilOf(scope)?.get(field.key);
      return field.kind.columns(field).map((column) => {
        const value = `${alias}.${quote(column.name)}`;
        if (!veiled) return value;
        const mask = maskOf(field, value, column.type);
        const cases: string[] = [];
        if (veiled.shown.length > 0) cases.push(`when ${reached(veiled.shown)} then ${value}`);
        if (mask !== null && veiled.masked !== 'none')
          cases.push(`when ${veiled.masked === 'all' ? 'true' : reached(veiled.masked)} then ${mask}`);
        const type = bare(column.type);
        return `${cases.length === 0 ? `null::${type}` : `(case ${cases.join(' ')} end)::${type}`} as ${quote(column.name)}`;
      });
    });
    return [...columns, `${alias}.deletion_id`].join(', ');
  };
  return {
    visibleSource(sql, env, scope, how) {
      if (veilOf(scope) === null) return scope.entity.source;
      const p = sql.alias();
      const predicate = rowPredicate(sql, env, scope, p, how);
      const where = predicate === 'true' ? '' : ` where ${predicate}`;
      return `(select ${shownColumns(sql, env, scope, p, how)} from ${scope.entity.source} ${p}${where})`;
    },
    visiblePredicate: (sql, env, scope, alias, how) =>
      veilOf(scope) === null ? rowPredicate(sql, env, scope, alias, how) : 'true',
    shownRow(sql, env, scope, alias) {
      if (veilOf(scope) === null) return { join: '', alias };
      const v = sql.alias();
      return { join: ` cross join lateral (select ${shownColumns(sql, env, scope, alias)}) ${v}`, alias: v };
    },
    shownKeysSql(sql, env, scope, alias) {
      const veil = veilOf(scope);
      if (veil === null) return null;
      const cases = [...veil].flatMap(([key, { shown }]) =>
        shown.length === 0
          ? []
          : [`case when ${anyOf(sql, env, scope, shown, alias)} then ${sql.param(key, 'text')} end`],
      );
      return cases.length === 0 ? `'{}'::text[]` : `array_remove(array[${cases.join(', ')}], null)`;
    },
  };
}

function maskOf(field: FieldModel, column: string, type: string): string | null {
  return field.kind.mask === undefined || !type.startsWith('text') ? null : field.kind.mask(column);
}

/** A type without its collation. */
function bare(type: string): string {
  return type.replace(/\s+collate\s+("[^"]+"|\S+)/i, '').replace(/\s+not null.*$/i, '');
}
