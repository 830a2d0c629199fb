import { Sql } from '../../query/index.js';
import type { EntityModel } from '../../schema/index.js';
import { standing, type Reached, type Run } from './count-rows.js';
import type { Way } from './ways.js';

/** A set of records that is larger is not taken down. */
const keptAtMost = 20_000;
/** Ids that are taken down in all. */
const idsAtMost = 400_000;

/** Ids of the records that a way reaches, where that was asked for; null: too many, or there was no time. */
export interface Kept {
  of(entity: EntityModel, way: Way): readonly string[] | null;
}

/** Takes ids down as the rows are now, once for each condition, however many users it is the same for. */
export interface Keeper extends Kept {
  keep(entity: EntityModel, way: Way): Promise<readonly string[] | null>;
}

/** `gone`: ids that are left out, by entity. */
export function createKeeper(run: Run, gone: ReadonlyMap<string, readonly string[]>): Keeper {
  const known = new Map<string, readonly string[] | null>();
  let count = 0;
  const at = (entity: EntityModel, { key }: Way): string => `${entity.id} ${key}`;
  return {
    of: (entity, way) => known.get(at(entity, way)) ?? null,
    async keep(entity, way) {
      const set = known.get(at(entity, way));
      if (set !== undefined) return set;
      const sql = new Sql();
      const from = standing(sql, entity.source, gone.get(entity.id) ?? []);
      const text = `select array(select t.id::text ${from} and (${way.reached(sql)}) limit ${keptAtMost + 1}) as ids`;
      const rows = count > idsAtMost ? null : await run({ text, values: sql.values });
      const ids = rows && (rows[0].ids as string[]);
      const kept = ids === null || ids.length > keptAtMost ? null : ids;
      count += kept?.length ?? 0;
      known.set(at(entity, way), kept);
      return kept;
    },
  };
}

/** The rows of these ids. */
export function reachedIds(ids: readonly string[]): Reached {
  return (sql) => `t.id = any(${sql.param(ids, 'uuid[]')})`;
}

/** Ids that are in one of the sets alone. */
export function idsApart(a: readonly string[], b: readonly string[]): string[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [...a.filter((id) => !inB.has(id)), ...b.filter((id) => !inA.has(id))];
}
