import { Sql } from '../../query/index.js';
import type { EntityModel, SchemaModel } from '../../schema/index.js';
import { standing, type Run } from './count-rows.js';
import type { Way } from './ways.js';

/** A larger set is not taken down. */
const keptAtMost = 20_000;
/** Ids that are taken down in all. */
const idsAtMost = 400_000;

/** Ids of the records that a way reaches, or of their owners, where that was asked for; null: too many, or there was no time. */
export interface Kept {
  of(entity: EntityModel, way: Way): readonly string[] | null;
}

/** Takes ids down as the rows are now, once for each condition, however many users it is the same for. */
export interface Keeper extends Kept {
  keep(entity: EntityModel, way: Way): Promise<readonly string[] | null>;
}

/** `gone`: records that are left out, by entity. */
export function createKeeper(
  run: Run,
  { schema, gone }: { schema: SchemaModel; gone: ReadonlyMap<string, readonly string[]> },
): Keeper {
  const known = new Map<string, readonly string[] | null>();
  let count = 0;
  // Who the owners are is the same for all entities.
  const at = ({ id }: EntityModel, { key, column }: Way): string => (column === 'id' ? `${id} ${key}` : key);
  const principals = schema.entities.get('core.principal')?.table;
  return {
    of: (entity, way) => known.get(at(entity, way)) ?? null,
    async keep(entity, way) {
      const set = known.get(at(entity, way));
      if (set !== undefined) return set;
      const sql = new Sql();
      const from =
        way.column === 'id'
          ? `${standing(sql, entity.source, gone.get(entity.id) ?? [])} and`
          : `from (select id as owner_id from ${principals}) t where`;
      const text = `select array(select t.${way.column}::text ${from} (${way.reached(sql)}) limit ${keptAtMost + 1}) as ids`;
      const rows = count > idsAtMost ? null : await run({ text, values: sql.values });
      const ids = rows && (rows[0].ids as string[]);
      const kept = ids === null || ids.length > keptAtMost ? null : ids;
      count += kept?.length ?? 0;
      known.set(at(entity, way), kept);
      return kept;
    },
  };
}
