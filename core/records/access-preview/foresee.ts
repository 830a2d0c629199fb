import type { Catalog } from '../../catalog/index.js';
import type { EntityModel } from '../../schema/index.js';
import type { Tx } from '../../sdk/index.js';
import type { Deadline } from './deadline.js';
import type { Keeper } from './kept.js';
import type { Kind, Pair } from './kinds.js';
import { differenceFor, momentsOf, operations, type Comparison, type Foreseen, type Operation } from './look.js';

/** Written by whoever changes who reports to whom, or shares; whom that reaches is among those whose epoch it moves. */
const ofConcerned = new Set(['trellis.report', 'data.core__share']);

/** What a change of people that stands in the transaction has written: known of conditions by the tables that they name. */
export async function writtenBy(tx: Tx, catalog: Catalog, now: Date): Promise<Pick<Foreseen, 'isMoved' | 'gone'>> {
  const rows = await tx.query<{ name: string }>(
    `select schemaname || '.' || relname as name from pg_stat_xact_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0`,
  );
  const written = new Set(rows.map(({ name }) => name));
  const gone = new Map<string, string[]>();
  for (const { id, table } of catalog.schema.entities.values()) {
    if (!written.has(nameOf(table))) continue;
    const found = await tx.query<{ id: string }>(`select t.id from ${table} t where t.deleted_at = $1`, [now]);
    if (found.length > 0)
      gone.set(
        id,
        found.map((row) => row.id),
      );
  }
  return {
    gone,
    isMoved({ standIn }, entity, text) {
      const isConcerned = standIn.before !== standIn.after;
      const isRead = (name: string): boolean => written.has(name) && (isConcerned || !ofConcerned.has(name));
      const names = [...text.matchAll(/\b(?:data|trellis)\."?\w+/g)].map(([name]) => nameOf(name));
      return names.some(isRead) || (written.has(nameOf(entity.table)) && /\bt\./.test(text));
    },
  };
}

/**
 * Takes down, as long as a change stands, which rows the conditions that read it reach then: they cannot be told once it is taken
 * back. Reads only; ends at the deadline. Answers the users for whom it was done.
 */
export async function foresee(
  comparison: Comparison,
  kinds: readonly Kind[],
  { keeper, deadline }: { keeper: Keeper; deadline: Deadline },
): Promise<Kind[]> {
  const entities = [...comparison.after.schema.entities.values()];
  const done: Kind[] = [];
  for (const kind of kinds) {
    if (await deadline.isOver()) return done;
    /** Where conditions of each one's own are asked for one by one. */
    const own: [EntityModel, Operation][] = [];
    const moments = momentsOf(comparison, kind.standIn);
    for (const entity of entities)
      for (const operation of operations) {
        const moved = differenceFor(comparison, kind, moments, entity, operation)?.moved ?? [];
        if (moved.some(({ key }) => kind.isOwn(key))) own.push([entity, operation]);
        else for (const way of moved) await keeper.keep(entity, way);
      }
    const pairs: Pair[] = [];
    for (const pair of own.length > 0 ? kind.pairs : []) {
      if (await deadline.isOver()) break;
      const theirs = momentsOf(comparison, pair);
      for (const [entity, operation] of own)
        for (const way of differenceFor(comparison, kind, theirs, entity, operation)?.moved ?? [])
          await keeper.keep(entity, way);
      pairs.push(pair);
    }
    done.push(own.length > 0 ? { ...kind, pairs } : kind);
  }
  return done;
}

/** `data."core__user"` as the database lists it. */
function nameOf(relation: string): string {
  return relation.replaceAll('"', '');
}
