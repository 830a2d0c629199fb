import { invalid, missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Catalog } from '../catalog/index.js';
import { planFields, selectList, Sql, type FieldPlan, type QueryEnv } from '../query/index.js';
import type { FieldModel, SchemaModel } from '../schema/index.js';
import type { Ctx, RecordData } from '../sdk/index.js';
import { notFound } from './lock.js';
import { pastEnv } from './past-env.js';
import { childrenOf, needOf, needShown, type Need } from './past-needs.js';
import { linksKnownSince, readPast, type PastRow } from './past-rows.js';
import { readPastWorld, type PastWorld } from './past-world.js';
import { noteRead, sensitiveUse } from './sensitive.js';
import { guardedWrite, type RecordsDeps, type TxCtx } from './transaction.js';

export interface AsOfInput {
  readonly entity: string;
  readonly id: string;
  /** What happened at this very instant counts as done. */
  readonly asOf: Date;
  readonly fields?: readonly string[];
}

/**
 * One record as it was: the present one with its history folded back, and with it the records that it shows something of: lines and
 * targets of links as they were, formulas and rollups computed over them. Shown is what the reader may see today, of records that
 * it may see today; what was deleted since is there, what was purged is not. What cannot be told is left out and named in `omitted`, and
 * in `reasons` why: `links`, before history kept to-many links; `tooMany`, more records would have to be folded back than are allowed.
 * Throws record.not_found as reading does, record.not_then where it did not exist or was deleted then, query.as_of_field.
 */
export async function asOfText(deps: RecordsDeps, ctx: Ctx, input: AsOfInput): Promise<{ body: string }> {
  if (!isUuid(input.id)) throw notFound(input.entity, input.id);
  // Several statements over one catalog: the opening holds it.
  const { body, seen } = await guardedWrite(deps, ctx, (inner, catalog) => tellPast(deps, inner, catalog, input));
  await noteRead(deps.reads, ctx, { how: 'asOf', entity: input.entity, fields: seen, ids: [input.id] });
  return { body };
}

/** The answer, and the fields marked sensitive that it shows. */
async function tellPast(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: AsOfInput,
): Promise<{ body: string; seen: readonly string[] }> {
  const { asOf } = input;
  const env = deps.access.env(ctx, catalog);
  const scope = deps.access.read(ctx, catalog, input.entity);
  const plan = planFields(env, scope, input.fields);
  const root = await readRoot(ctx, env, scope.entity, input);
  const parts = plan.flatMap((each) => partsOf(env, catalog.schema, each));
  const needs = parts.map(({ need }) => need);
  const world = await readPastWorld(ctx, env, { root, entity: scope.entity, needs, asOf });
  const areLinksKnown = !needs.some(followsPairs) || (await linksKnownSince(ctx)) <= asOf;
  const omitted = new Map(
    parts.flatMap(({ path, need }): [string, Unknown][] => {
      const reason = whyUnknown(world, need, areLinksKnown);
      return reason === null ? [] : [[path, reason]];
    }),
  );
  refuseAsked(input, omitted);
  const sql = new Sql();
  const then = pastEnv(ctx, env, sql, world, asOf);
  const id = sql.param(input.id, 'uuid');
  const list = selectList(sql, then.env, shownOf(plan, parts, omitted), 't');
  const [row] = await ctx.tx.query<{ data: RecordData }>(
    `with ${then.ctes} select row_to_json(_r) as data from ${then.sourceOf(scope.entity)} t cross join lateral (select ${list}) _r where t.id = ${id}`,
    sql.values,
  );
  const reasons = Object.fromEntries(omitted);
  return {
    body: JSON.stringify({ data: row.data, asOf: asOf.toISOString(), omitted: [...omitted.keys()], reasons }),
    seen: sensitiveUse(env, scope, { fields: input.fields }),
  };
}

async function readRoot(ctx: TxCtx, env: QueryEnv, entity: Need['entity'], input: AsOfInput): Promise<PastRow> {
  const asked = { entity, ids: [input.id], children: [], limit: 1 };
  const { rows } = await readPast(ctx, env, asked, input.asOf);
  const [root] = rows;
  if (!root?.isSeen) throw notFound(input.entity, input.id);
  if (root.isMade && !root.isDeleted) return root;
  throw missing('record.not_then', 'The record did not exist at that time.', {
    params: { entity: input.entity, id: input.id, asOf: input.asOf.toISOString() },
    hint: 'Its history tells when it was created, deleted and restored.',
  });
}

/** Something that can be told or not: a field, or a field of lines. */
interface Part {
  readonly field: FieldModel;
  /** The field of lines; absent: the field itself. */
  readonly nested?: string;
  /** As it is named to the reader: `name`, `lines.product`. */
  readonly path: string;
  readonly need: Need;
}

function partsOf(env: QueryEnv, schema: SchemaModel, { field, nested }: FieldPlan): Part[] {
  const need = needOf(schema.entities.get(field.entity) as Need['entity']);
  const whole: Part = { field, path: field.key, need };
  needShown(schema, need, field, nested);
  if (!field.lines) return [whole];
  const lines = env.scopeOf(field.lines.entity);
  if (!lines) return [whole];
  const keys =
    nested.length > 0
      ? nested
      : [...lines.fields.keys()].filter((key) => {
          const own = lines.entity.fields.get(key);
          return own && !own.retired && !own.lines && key !== field.lines?.link && (!own.system || key === 'version');
        });
  return [
    whole,
    ...keys.flatMap((key): Part[] => {
      const top = needOf(need.entity);
      const child = field.lines && childrenOf(schema, top, field.lines);
      const own = child?.entity.fields.get(key);
      if (!child || !own) return [];
      needShown(schema, child, own);
      return [{ field, nested: key, path: `${field.key}.${key}`, need: top }];
    }),
  ];
}

/** Why a field cannot be told of an earlier instant. */
type Unknown = 'links' | 'tooMany';

function whyUnknown(world: PastWorld, need: Need, areLinksKnown: boolean): Unknown | null {
  if (!areLinksKnown && followsPairs(need)) return 'links';
  return isOver(world, need) ? 'tooMany' : null;
}

function below({ targets, children, pairs }: Need): Need[] {
  return [...[...targets.values()].flatMap((each) => [...each.values()]), ...children.values(), ...pairs.values()];
}

function followsPairs(need: Need): boolean {
  return need.pairs.size > 0 || below(need).some(followsPairs);
}

function isOver(world: PastWorld, need: Need): boolean {
  return world.over.has(need) || below(need).some((each) => isOver(world, each));
}

function refuseAsked({ fields }: AsOfInput, omitted: ReadonlyMap<string, Unknown>): void {
  const [first] = omitted;
  if (fields === undefined || !first) return;
  throw invalid('query.as_of_field', `What "${first[0]}" was then cannot be told.`, {
    params: { field: first[0], reason: first[1] },
  });
}

/** The plan without what cannot be told; of lines the fields that can. */
function shownOf(
  plan: readonly FieldPlan[],
  parts: readonly Part[],
  omitted: ReadonlyMap<string, Unknown>,
): FieldPlan[] {
  return plan
    .filter(({ field }) => !omitted.has(field.key))
    .map((each) => {
      const own = parts.filter(({ field, nested }) => field === each.field && nested !== undefined);
      if (own.length === 0) return each;
      const kept = own.flatMap(({ nested, path }) => (nested === undefined || omitted.has(path) ? [] : [nested]));
      return { ...each, nested: ['id', ...kept] };
    });
}
