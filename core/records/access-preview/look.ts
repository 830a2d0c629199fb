import { setImmediate } from 'node:timers/promises';
import type { Catalog } from '../../catalog/index.js';
import { Sql } from '../../query/index.js';
import type { EntityModel } from '../../schema/index.js';
import type { Ctx, UserActor } from '../../sdk/index.js';
import type { RecordsDeps } from '../transaction.js';
import { isNoRight, rightsApart, sideOf, type Moment, type Rights } from './compare-entity.js';
import {
  counter,
  reachedBy,
  standing,
  untouched,
  type Count,
  type Counting,
  type Run,
  type Side,
} from './count-rows.js';
import { createKeeper, type Keeper, type Kept } from './kept.js';
import type { Kind, Pair } from './kinds.js';
import { anyOf, differenceOf, fieldsByWay, idsApart, wayTo, type Difference, type Way } from './ways.js';

export const operations = ['read', 'update'] as const;
export type Operation = (typeof operations)[number];

/** What two moments of users are compared by. */
export interface Comparison {
  readonly deps: RecordsDeps;
  /** Of whoever asks. */
  readonly ctx: Ctx;
  /** The instant of both. */
  readonly now: Date;
  readonly before: Catalog;
  readonly after: Catalog;
  readonly foreseen: Foreseen;
}

/** What is known of rows after the change that is not in the actors and the catalog. */
export interface Foreseen {
  /** True for a condition of users of the kind that reads what the change writes. */
  isMoved(kind: Kind, entity: EntityModel, text: string): boolean;
  /** True for entities of which it writes records. */
  hasRows(entity: EntityModel): boolean;
  /** Which rows such conditions reach then. */
  readonly kept: Kept;
  /** Ids of rows that go with the change, by entity. */
  readonly gone: ReadonlyMap<string, readonly string[]>;
}

/** Where users of a kind may come to see or do more or less. */
export interface Look {
  readonly entity: EntityModel;
  readonly asker: Side;
  readonly rights: Rights;
  /** Which records show which fields changes: where any comes by another way (`ways`), in any case, or not at all. */
  readonly fieldsByRecord: 'ways' | boolean;
  readonly differs: ReadonlySet<Operation>;
}

/** Looks at rows as they are now. */
export interface Lookout {
  look(kind: Kind): Promise<Look[]>;
  rows(kind: Kind, pair: Pair, look: Look, operation: Operation): Promise<Count | null>;
}

export function createLookout(comparison: Comparison, run: Run): Lookout {
  const { deps, ctx, now, before, after, foreseen } = comparison;
  const seen: Seen = {
    run,
    keeper: createKeeper(run, { schema: before.schema, gone: foreseen.gone }),
    foreseen,
    there: new Map(),
  };
  const count = counter(run);
  const entities = [...before.schema.entities.values()].flatMap((entity) => {
    const asker = sideOf({ deps, now }, { ctx, catalog: before }, entity.id, 'read');
    return asker !== null && after.schema.entities.has(entity.id) ? [{ entity, asker }] : [];
  });
  return {
    async look(kind) {
      const moments = momentsOf(comparison, kind.standIn);
      const looks: Look[] = [];
      for (const { entity, asker } of entities) {
        // Whatever else waits for this process.
        await setImmediate();
        const rights = rightsApart(deps, moments, entity);
        const differs = new Set<Operation>();
        for (const operation of operations) {
          const difference = differenceFor(comparison, kind, moments, entity, operation);
          if (difference && (kind.pairs.length === 1 || (await mayDiffer(seen, kind, entity, difference))))
            differs.add(operation);
        }
        const sides = sidesOf(comparison, moments, entity, 'read');
        const fieldsByRecord = differByRecord(sides);
        if (differs.size > 0 || fieldsByRecord === true || !isNoRight(rights))
          looks.push({ entity, asker, rights, fieldsByRecord, differs });
      }
      return looks;
    },
    async rows(kind, pair, { entity, asker, differs }, operation) {
      if (!differs.has(operation)) return untouched;
      const moments = momentsOf(comparison, pair);
      const difference = differenceFor(comparison, kind, moments, entity, operation);
      if (difference === null) return untouched;
      const told = await reachedThen(seen, entity, difference);
      if (told === null) return null;
      const was = reachedBy(sidesOf(comparison, moments, entity, operation).before);
      return count({ ...told, before: was, asker, gone: foreseen.gone.get(entity.id) ?? [] });
    },
  };
}

/** How the conditions of two moments differ; null: they reach the same. */
export function differenceFor(
  comparison: Comparison,
  kind: Kind,
  moments: Moments,
  entity: EntityModel,
  operation: Operation,
): Difference | null {
  const { before, after } = sidesOf(comparison, moments, entity, operation);
  const { foreseen } = comparison;
  return differenceOf(before, after, {
    isMoved: (text) => foreseen.isMoved(kind, entity, text),
    hasRows: foreseen.hasRows(entity),
  });
}

interface Moments {
  readonly before: Moment;
  readonly after: Moment;
}

/** A user, or who stands in for it, as it is and as it would be. */
export function momentsOf(
  { deps, ctx, before, after }: Comparison,
  actors: { readonly before: UserActor; readonly after: UserActor },
): Moments {
  return {
    before: { ctx: deps.contexts.withActor(ctx, actors.before), catalog: before },
    after: { ctx: deps.contexts.withActor(ctx, actors.after), catalog: after },
  };
}

function sidesOf(
  { deps, now }: Comparison,
  { before, after }: Moments,
  { id }: EntityModel,
  operation: Operation,
): { before: Side | null; after: Side | null } {
  return { before: sideOf({ deps, now }, before, id, operation), after: sideOf({ deps, now }, after, id, operation) };
}

interface Seen {
  readonly run: Run;
  readonly keeper: Keeper;
  readonly foreseen: Foreseen;
  /** Whether a way leads to any row. */
  readonly there: Map<string, boolean>;
}

/** False where no row can differ for anybody of the kind. */
async function mayDiffer(seen: Seen, kind: Kind, entity: EntityModel, { apart, moved }: Difference): Promise<boolean> {
  if ([...apart, ...moved].some(({ key }) => kind.isOwn(key))) return true;
  for (const way of apart)
    for (const plain of await plainly(seen, entity, way)) if (await isThere(seen, entity, plain)) return true;
  for (const way of moved) {
    const rows = await movedRows(seen, entity, way);
    if (rows === null || (rows.length > 0 && (await isThere(seen, entity, rows[0])))) return true;
  }
  return false;
}

/** True also where there was no time to ask. */
async function isThere({ run, foreseen, there }: Seen, entity: EntityModel, way: Way): Promise<boolean> {
  const key = `${entity.id} ${way.key}`;
  const known = there.get(key);
  if (known !== undefined) return known;
  const sql = new Sql();
  const from = standing(sql, entity.source, foreseen.gone.get(entity.id) ?? []);
  const text = `select exists (select ${from} and (${way.reached(sql)})) as is_there`;
  const rows = await run({ text, values: sql.values, replan: true });
  const found = rows === null || rows[0].is_there === true;
  there.set(key, found);
  return found;
}

/** The way by the ids of owners where these alone decide: so their rows are found by an index. None where there is no such owner. */
async function plainly({ keeper }: Seen, entity: EntityModel, way: Way): Promise<readonly Way[]> {
  if (way.column === 'id' || way.isPlain) return [way];
  const owners = await keeper.keep(entity, way);
  if (owners === null) return [way];
  return owners.length === 0 ? [] : [wayTo('owner_id', owners)];
}

/** Rows that a moved way reaches then and not now, or the other way round, as one way, or none; null: not known. */
async function movedRows(
  { keeper, foreseen }: Seen,
  entity: EntityModel,
  way: Difference['moved'][number],
): Promise<readonly Way[] | null> {
  const then = foreseen.kept.of(entity, way);
  const now = way.isNew ? [] : await keeper.keep(entity, way);
  if (then === null || now === null) return null;
  const ids = idsApart(then, now);
  return ids.length === 0 ? [] : [wayTo(way.column, ids)];
}

/** What is reached after the change, and among which rows anything can differ; null: it was not taken down. */
async function reachedThen(
  seen: Seen,
  entity: EntityModel,
  { apart, moved, still, limits }: Difference,
): Promise<Pick<Counting, 'after' | 'within'> | null> {
  const then: { readonly reached: Way['reached'] }[] = [{ reached: still }];
  const differing: Way[] = [];
  for (const way of apart) differing.push(...(await plainly(seen, entity, way)));
  let isKnown = true;
  for (const way of moved) {
    const ids = seen.foreseen.kept.of(entity, way);
    if (ids === null) return null;
    if (ids.length > 0) then.push(wayTo(way.column, ids));
    const rows = await movedRows(seen, entity, way);
    if (rows === null) isKnown = false;
    else differing.push(...rows);
  }
  const after = anyOf(then);
  return { after: (sql) => `(${after(sql)} and ${limits(sql)})`, within: isKnown ? differing : null };
}

/** Of what is the same for all records, the fields alone tell. */
function differByRecord({ before, after }: { before: Side | null; after: Side | null }): Look['fieldsByRecord'] {
  const [was, is] = [fieldsByWay(before), fieldsByWay(after)];
  if (was.isEven && is.isEven) return false;
  return [...was.fields].some(([key, fields]) => (is.fields.get(key) ?? fields) !== fields) || 'ways';
}
