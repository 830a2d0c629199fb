import { setImmediate } from 'node:timers/promises';
import type { Catalog } from '../../catalog/index.js';
import type { EntityModel } from '../../schema/index.js';
import type { Tx } from '../../sdk/index.js';
import type { Deadline } from './deadline.js';
import type { Keeper } from './kept.js';
import type { Kind, Pair } from './kinds.js';
import { differenceFor, momentsOf, operations, type Comparison, type Foreseen, type Operation } from './look.js';

/** Written by whoever changes who reports to whom, or shares; whom that reaches is among those whose epoch it moves. */
const ofConcerned = new Set(['trellis.report', 'data.core__share']);

/** How many rows of which tables the connection has written and not reported yet, those of earlier transactions among them. */
export async function writesOf(tx: Tx): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ name: string; count: string }>(
    `select schemaname || '.' || relname as name, n_tup_ins + n_tup_upd + n_tup_del as count from pg_stat_xact_user_tables`,
  );
  return new Map(rows.map(({ name, count }) => [name, count]));
}

/** What a change of people that stands in the transaction has written since `before`: known of conditions by the tables that they name. */
export async function writtenSince(
  tx: Tx,
  before: ReadonlyMap<string, string>,
  { catalog, now }: { catalog: Catalog; now: Date },
): Promise<Omit<Foreseen, 'kept'>> {
  const writes = await writesOf(tx);
  const written = new Set([...writes.keys()].filter((name) => writes.get(name) !== (before.get(name) ?? '0')));
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
  const hasRows = ({ table }: EntityModel): boolean => written.has(nameOf(table));
  return {
    gone,
    hasRows,
    isMoved({ standIn }, entity, text) {
      const isConcerned = standIn.before !== standIn.after;
      const isRead = (name: string): boolean => written.has(name) && (isConcerned || !ofConcerned.has(name));
      const names = [...text.matchAll(/\b(?:data|trellis)\."?\w+/g)].map(([name]) => nameOf(name));
      return names.some(isRead) || (hasRows(entity) && /\bt\./.test(text));
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
    for (const entity of entities) {
      await setImmediate();
      for (const operation of operations) {
        const moved = differenceFor(comparison, kind, moments, entity, operation)?.moved ?? [];
        if (moved.some(({ key }) => kind.isOwn(key))) own.push([entity, operation]);
        else for (const way of moved) await keeper.keep(entity, way);
      }
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
