import { quote } from '../query/index.js';
import { overflowSource, type EntityModel, type OverflowTable } from '../schema/index.js';

/** The columns of a write, by table; with what its statement must say for those that stand beside the entity's own. */
export interface OverflowWrite<Column extends { readonly name: string }> {
  /** Columns of the entity's own table. */
  readonly own: readonly Column[];
  /** Further CTEs, each with a comma before it; they read the input as `i` and the rows that were written as `w`. */
  readonly ctes: string;
  /** Relation that shows the written rows with all their columns, after the CTE `w`. */
  readonly source: string;
}

/**
 * Splits the columns of a write. `written` is the CTE that returned the rows of the own table, `input` the relation with the values
 * by id. A record has a row in an overflow table once one of its columns there was written.
 */
export function splitOverflow<Column extends { readonly name: string }>(
  entity: EntityModel,
  columns: readonly Column[],
  { written, input }: { written: string; input: string },
): OverflowWrite<Column> {
  if (entity.overflow.length === 0) return { own: columns, ctes: '', source: written };
  const names = new Map<OverflowTable, string>();
  const ctes = entity.overflow.flatMap((each, n) => {
    const there = columns.filter(({ name }) => each.columns.has(name)).map(({ name }) => quote(name));
    if (there.length === 0) return [];
    names.set(each, `over${n}`);
    const set = there.map((name) => `${name} = excluded.${name}`).join(', ');
    return [
      `, over${n} as (insert into ${each.table} (${each.key}, ${there.join(', ')}) select w.id, ${there.map((name) => `i.${name}`).join(', ')} from ${written} w join ${input} i on i.id = w.id on conflict (${each.key}) do update set ${set} returning *)`,
    ];
  });
  return {
    own: columns.filter(({ name }) => !entity.overflow.some((each) => each.columns.has(name))),
    ctes: ctes.join(''),
    source: overflowSource(entity, written, names),
  };
}

/** CTEs that take rows of purged records out of the overflow tables; $1 holds the ids. */
export function purgeOverflow(entity: EntityModel): string {
  return entity.overflow
    .map((each, n) => `, over${n} as (delete from ${each.table} where ${each.key} in (select unnest($1::uuid[])))`)
    .join('');
}
