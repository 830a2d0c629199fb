import type { QueryEnv } from '../query/index.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import { columnFields } from './past-fields.js';
import type { Need } from './past-needs.js';
import { readPast, readPastPairs, type PastPair, type PastRow } from './past-rows.js';
import type { TxCtx } from './transaction.js';

/** Records of an entity that are folded back for one step along links; of wide entities fewer. */
const ROWS_AT_MOST = 2_000;
const VALUES_AT_MOST = 200_000;

/** The records of an earlier instant, as far as they are needed. */
export interface PastWorld {
  /** Entity → id → record. An entity that was asked for is here, also without records. */
  readonly rows: ReadonlyMap<EntityModel, ReadonlyMap<string, PastRow>>;
  readonly pairs: ReadonlyMap<FieldModel, readonly PastPair[]>;
  /** Needs for which more records would have to be folded back than are allowed. */
  readonly over: ReadonlySet<Need>;
}

/** A need and the records that ask. */
interface Step {
  readonly need: Need;
  readonly rows: readonly PastRow[];
}

interface Making {
  readonly rows: Map<EntityModel, Map<string, PastRow>>;
  readonly pairs: Map<FieldModel, PastPair[]>;
  readonly over: Set<Need>;
}

interface Wanted {
  readonly ids: Set<string>;
  readonly children: Map<FieldModel, Set<string>>;
  readonly needs: Set<Need>;
}

/**
 * Follows the needs from the record, one statement for each entity and step, however many fields and records ask. Only what the
 * links of then led to is read.
 */
export async function readPastWorld(
  ctx: TxCtx,
  env: QueryEnv,
  input: { readonly root: PastRow; readonly entity: EntityModel; readonly needs: readonly Need[]; readonly asOf: Date },
): Promise<PastWorld> {
  const { root, entity, needs, asOf } = input;
  const made: Making = { rows: new Map([[entity, new Map([[root.id, root]])]]), pairs: new Map(), over: new Set() };
  let steps: Step[] = needs.map((need) => ({ need, rows: [root] }));
  while (steps.length > 0) {
    await addPairs(ctx, made, steps, asOf);
    for (const [target, wanted] of wantedBy(made, steps)) {
      const limit = Math.min(ROWS_AT_MOST, Math.ceil(VALUES_AT_MOST / columnFields(target).length));
      const known = made.rows.get(target) ?? new Map<string, PastRow>();
      made.rows.set(target, known);
      const ids = [...wanted.ids].filter((id) => !known.has(id));
      const children = [...wanted.children].map(([link, parents]) => ({ link, parents: [...parents] }));
      if (ids.length === 0 && children.length === 0) continue;
      const { rows, hasMore } = await readPast(ctx, env, { entity: target, ids, children, limit }, asOf);
      if (hasMore) for (const need of wanted.needs) made.over.add(need);
      for (const row of rows) if (!row.isDeleted && (row.isMade || wanted.ids.has(row.id))) known.set(row.id, row);
    }
    steps = steps.flatMap((step) => nextSteps(made, step));
  }
  return made;
}

/** The pairs of to-many links, of records whose pairs are not known yet. */
async function addPairs(ctx: TxCtx, made: Making, steps: readonly Step[], asOf: Date): Promise<void> {
  const sources = new Map<FieldModel, { entity: EntityModel; ids: Set<string> }>();
  for (const { need, rows } of steps)
    for (const field of need.pairs.keys()) {
      const { ids } = sources.get(field) ?? { ids: new Set<string>() };
      for (const row of rows) ids.add(row.id);
      sources.set(field, { entity: need.entity, ids });
    }
  for (const [field, { entity, ids }] of sources) {
    const known = made.pairs.get(field) ?? [];
    const done = new Set(known.map(({ source_id }) => source_id));
    const fresh = [...ids].filter((id) => !done.has(id));
    const found = fresh.length === 0 ? [] : await readPastPairs(ctx, field, entity, fresh, asOf);
    made.pairs.set(field, [...known, ...found]);
  }
}

function wantedBy(made: Making, steps: readonly Step[]): Map<EntityModel, Wanted> {
  const all = new Map<EntityModel, Wanted>();
  const wantedOf = (need: Need): Wanted => {
    const wanted = all.get(need.entity) ?? { ids: new Set(), children: new Map(), needs: new Set() };
    all.set(need.entity, wanted);
    wanted.needs.add(need);
    return wanted;
  };
  for (const { need, rows } of steps) {
    for (const [field, targets] of need.targets)
      for (const row of rows) {
        const target = targetOf(field, row);
        const asked = target && targets.get(target.entity);
        if (asked) wantedOf(asked).ids.add(target.id);
      }
    for (const [field, target] of need.pairs)
      for (const { target_id } of pairsOf(made, field, rows)) wantedOf(target).ids.add(target_id);
    for (const [link, child] of need.children) {
      const { children } = wantedOf(child);
      children.set(link, new Set([...(children.get(link) ?? []), ...rows.map(({ id }) => id)]));
    }
  }
  return all;
}

function nextSteps(made: Making, { need, rows }: Step): Step[] {
  const found = (entity: EntityModel, ids: Iterable<string>): PastRow[] => {
    const known = made.rows.get(entity);
    return [...new Set(ids)].flatMap((id) => known?.get(id) ?? []);
  };
  const steps: Step[] = [];
  for (const [field, targets] of need.targets)
    for (const [id, target] of targets) {
      const ids = rows.flatMap((row) => {
        const led = targetOf(field, row);
        return led?.entity === id ? [led.id] : [];
      });
      steps.push({ need: target, rows: found(target.entity, ids) });
    }
  for (const [field, target] of need.pairs) {
    const ids = pairsOf(made, field, rows).map(({ target_id }) => target_id);
    steps.push({ need: target, rows: found(target.entity, ids) });
  }
  for (const [link, child] of need.children) {
    const parents = new Set(rows.map(({ id }) => id));
    const all = [...(made.rows.get(child.entity)?.values() ?? [])];
    steps.push({ need: child, rows: all.filter((row) => parents.has(String(row.values[link.key]))) });
  }
  return steps.filter((step) => step.rows.length > 0 && asks(step.need));
}

function asks({ targets, children, pairs }: Need): boolean {
  return targets.size + children.size + pairs.size > 0;
}

function pairsOf(made: Making, field: FieldModel, rows: readonly PastRow[]): PastPair[] {
  const sources = new Set(rows.map(({ id }) => id));
  return (made.pairs.get(field) ?? []).filter(({ source_id }) => sources.has(source_id));
}

/** Where a link led then; null: nowhere. */
function targetOf(field: FieldModel, { values }: PastRow): { entity: string; id: string } | null {
  const value = values[field.key];
  if (field.kind.relation === 'one') return typeof value === 'string' ? { entity: field.to[0], id: value } : null;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || typeof value.id !== 'string') return null;
  return { entity: String(value.entity), id: value.id };
}
