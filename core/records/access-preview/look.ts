import type { RowChange } from '../../../schemas/studio.js';
import type { Catalog } from '../../catalog/index.js';
import { Sql } from '../../query/index.js';
import type { EntityModel } from '../../schema/index.js';
import type { Ctx, UserActor } from '../../sdk/index.js';
import type { RecordsDeps } from '../transaction.js';
import { isNoRight, rightsApart, sideOf, type Moment, type Rights } from './compare-entity.js';
import { counter, nothing, reachedBy, standing, type Counting, type Run, type Side } from './count-rows.js';
import { createKeeper, idsApart, reachedIds, type Keeper, type Kept } from './kept.js';
import type { Kind, Pair } from './kinds.js';
import { anyOf, differenceOf, fieldsByWay, type Difference, type Way } from './ways.js';

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
  readonly fieldsByRecord: boolean;
  readonly differs: ReadonlySet<Operation>;
}

/** Looks at rows as they are now. */
export interface Lookout {
  look(kind: Kind): Promise<Look[]>;
  rows(kind: Kind, pair: Pair, look: Look, operation: Operation): Promise<RowChange | null>;
}

export function createLookout(comparison: Comparison, run: Run): Lookout {
  const { deps, ctx, now, before, after, foreseen } = comparison;
  const seen: Seen = { run, keeper: createKeeper(run, foreseen.gone), foreseen, there: new Map() };
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
        const rights = rightsApart(deps, moments, entity);
        const differs = new Set<Operation>();
        for (const operation of operations) {
          const difference = differenceFor(comparison, kind, moments, entity, operation);
          if (difference && (kind.pairs.length === 1 || (await mayDiffer(seen, kind, entity, difference))))
            differs.add(operation);
        }
        const sides = sidesOf(comparison, moments, entity, 'read');
        const fieldsByRecord = differByRecord(sides, differs.has('read'));
        if (differs.size > 0 || fieldsByRecord || !isNoRight(rights))
          looks.push({ entity, asker, rights, fieldsByRecord, differs });
      }
      return looks;
    },
    async rows(kind, pair, { entity, asker, differs }, operation) {
      if (!differs.has(operation)) return nothing;
      const moments = momentsOf(comparison, pair);
      const difference = differenceFor(comparison, kind, moments, entity, operation);
      if (difference === null) return nothing;
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
  return differenceOf(before, after, (text) => comparison.foreseen.isMoved(kind, entity, text));
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
  for (const way of apart) if (await isThere(seen, entity, way)) return true;
  for (const way of moved) if ((await idsMoved(seen, entity, way))?.length !== 0) return true;
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

/** Rows that a way reaches then and not now, or the other way round; null: not known. */
async function idsMoved(
  { keeper, foreseen }: Seen,
  entity: EntityModel,
  way: Difference['moved'][number],
): Promise<readonly string[] | null> {
  const then = foreseen.kept.of(entity, way);
  if (then === null || way.isNew) return then;
  const now = await keeper.keep(entity, way);
  return now && idsApart(then, now);
}

/** What is reached after the change, and among which rows anything can differ; null: it was not taken down. */
async function reachedThen(
  seen: Seen,
  entity: EntityModel,
  { apart, moved, still, limits }: Difference,
): Promise<Pick<Counting, 'after' | 'within'> | null> {
  const then = moved.map((way) => seen.foreseen.kept.of(entity, way));
  const ids = new Set<string>();
  for (const set of then) {
    if (set === null) return null;
    for (const id of set) ids.add(id);
  }
  const ways = [{ reached: still }, ...(ids.size > 0 ? [{ reached: reachedIds([...ids]) }] : [])];
  const after = anyOf(ways);
  const differing = await Promise.all(moved.map((way) => idsMoved(seen, entity, way)));
  const isKnown = differing.every((set) => set !== null);
  return {
    after: (sql) => `(${after(sql)} and ${limits(sql)})`,
    within: isKnown ? anyOf([...apart, { reached: reachedIds(differing.flatMap((set) => set ?? [])) }]) : null,
  };
}

/** True where ways show different fields, and which of them lead to which rows, or what one shows, comes to differ. */
function differByRecord(
  { before, after }: { before: Side | null; after: Side | null },
  hasOtherRows: boolean,
): boolean {
  const [was, is] = [fieldsByWay(before), fieldsByWay(after)];
  if (was.isEven && is.isEven) return false;
  return hasOtherRows || [...was.fields].some(([key, fields]) => (is.fields.get(key) ?? fields) !== fields);
}
