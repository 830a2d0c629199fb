import { literal, quote } from '../query/index.js';
import type { Catalog } from '../catalog/index.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import type { TxCtx } from './transaction.js';

/** Steps from a person to what belongs to what belongs to it; deeper data has a cycle that ids already break. */
const LEVELS_AT_MOST = 20;

/** The records of the person and of what belongs to it, recycle bin included: entity → ids. */
export type Belongings = Map<string, Set<string>>;

/**
 * Everything that belongs to records of an entity: by the links that `x-entity.privacy.of` names, by links that cascade, and by fields
 * that hold a file.
 */
export async function belongingsOf(
  ctx: TxCtx,
  catalog: Catalog,
  subject: { entity: string; ids: readonly string[] },
): Promise<Belongings> {
  const found: Belongings = new Map([[subject.entity, new Set(subject.ids)]]);
  let frontier: Belongings = new Map(found);
  for (let level = 0; level < LEVELS_AT_MOST && frontier.size > 0; level++) {
    const next: Belongings = new Map();
    const note = (entity: string, ids: readonly string[]): void => {
      const known = found.get(entity) ?? new Set();
      for (const id of ids.filter((each) => !known.has(each))) {
        found.set(entity, (found.get(entity) ?? new Set()).add(id));
        next.set(entity, (next.get(entity) ?? new Set()).add(id));
      }
    };
    for (const [target, ids] of frontier) {
      const entity = catalog.schema.entities.get(target) as EntityModel;
      // What is kept keeps what belongs to it.
      if (target !== subject.entity && entity.privacy?.erase === 'keep') continue;
      for (const field of belongingLinks(catalog, target))
        note(field.entity, await pointing(ctx, catalog, field, target, [...ids]));
      for (const field of fileFields(entity)) note('core.attachment', await filesOf(ctx, entity, field, [...ids]));
    }
    frontier = next;
  }
  return found;
}

/** Links of all entities by which their records belong to one of `target`. */
function belongingLinks(catalog: Catalog, target: string): FieldModel[] {
  return [...catalog.schema.entities.values()].flatMap((entity) =>
    [...entity.fields.values()].filter(
      (field) =>
        (field.kind.relation === 'one' || field.kind.relation === 'any') &&
        (field.to.includes(target) || field.to.includes('*')) &&
        (entity.privacy?.of.includes(field.key) === true || (!field.system && field.onDelete === 'cascade')),
    ),
  );
}

async function pointing(
  ctx: TxCtx,
  catalog: Catalog,
  field: FieldModel,
  target: string,
  ids: readonly string[],
): Promise<string[]> {
  const entity = catalog.schema.entities.get(field.entity) as EntityModel;
  const columns = field.kind.columns(field).map(({ name }) => `t.${quote(name)}`);
  const ofEntity = columns.length === 2 ? ` and ${columns[0]} = ${literal(target)}` : '';
  const rows = await ctx.tx.query<{ id: string }>(
    `select t.id from ${entity.source} t where ${columns[columns.length - 1]} in (select unnest($1::uuid[]))${ofEntity}`,
    [ids],
  );
  return rows.map(({ id }) => id);
}

/** Where a record is deleted all of its files go, where it is anonymised those that say something of the person. */
function fileFields(entity: EntityModel): FieldModel[] {
  return [...entity.fields.values()].filter(
    (field) => field.kind.id === 'file' && (entity.privacy?.erase !== 'anonymise' || field.sensitivity !== 'normal'),
  );
}

async function filesOf(ctx: TxCtx, entity: EntityModel, field: FieldModel, ids: readonly string[]): Promise<string[]> {
  const [{ name }] = field.kind.columns(field);
  const rows = await ctx.tx.query<{ id: string }>(
    `select distinct t.${quote(name)} as id from ${entity.source} t where t.id in (select unnest($1::uuid[])) and t.${quote(name)} is not null`,
    [ids],
  );
  return rows.map(({ id }) => id);
}

/** Kinds whose values name one person among all. */
const namingKinds: ReadonlySet<string> = new Set(['email', 'phone', 'url']);
/** Fewer characters would name too many. */
const shortestTerm = 5;

/**
 * What identifies the person in places that know no ids: addresses and numbers in its personal fields and in those of what belongs to
 * it, and the person's title; as they stand and as they were.
 */
export async function termsOf(
  ctx: TxCtx,
  catalog: Catalog,
  subject: { entity: string },
  belongings: Belongings,
): Promise<string[]> {
  const terms = new Set<string>();
  for (const [id, ids] of belongings) {
    const entity = catalog.schema.entities.get(id) as EntityModel;
    const retired = catalog.retiredFields(id).map(({ field }) => field);
    for (const field of [...entity.fields.values(), ...retired].filter((each) => each.sensitivity !== 'normal')) {
      const isTitle = id === subject.entity && field.key === entity.titleField;
      const isText = field.kind.id === 'text';
      if (!isTitle && !isText && !namingKinds.has(field.kind.id)) continue;
      for (const value of await valuesOf(ctx, entity, field, [...ids]))
        // A text may hold an address, as the contact point of a consent does.
        if (value.trim().length >= shortestTerm && (isTitle || !isText || isAddress(value))) terms.add(value.trim());
    }
  }
  return [...terms];
}

const isAddress = (value: string): boolean => /^\S+@\S+\.\S+$|^\+?[0-9]{7,15}$/.test(value.trim());

async function valuesOf(ctx: TxCtx, entity: EntityModel, field: FieldModel, ids: readonly string[]): Promise<string[]> {
  const [column] = field.kind.columns(field);
  const now = column
    ? `select t.${quote(column.name)}::text as value from ${entity.source} t where t.id in (select unnest($1::uuid[])) and t.${quote(column.name)} is not null union `
    : '';
  const rows = await ctx.tx.query<{ value: string | null }>(
    `${now}select h.previous ->> ${literal(field.uuid)} from trellis.history h where h.record_id in (select unnest($1::uuid[])) and h.previous ? ${literal(field.uuid)}`,
    [ids],
  );
  return rows.flatMap(({ value }) => (value === null ? [] : [value]));
}

/** Links that forbid the deletion of these records, of living records that do not go along: entity, field, number. */
export async function holdersOf(
  ctx: TxCtx,
  catalog: Catalog,
  { entity: target, ids }: { entity: string; ids: readonly string[] },
  belongings: Belongings,
): Promise<{ entity: string; field: string; count: number }[]> {
  const holders: { entity: string; field: string; count: number }[] = [];
  for (const entity of catalog.schema.entities.values()) {
    for (const field of entity.fields.values()) {
      const points = field.kind.relation === 'one' || field.kind.relation === 'any';
      if (!points || field.onDelete !== 'restrict' || !(field.to.includes(target) || field.to.includes('*'))) continue;
      const gone = entity.privacy?.erase === 'delete' ? belongings.get(entity.id) : undefined;
      const count = (await pointing(ctx, catalog, field, target, ids)).filter((id) => !gone?.has(id)).length;
      if (count > 0) holders.push({ entity: entity.id, field: field.key, count });
    }
  }
  return holders;
}

/** Records of one entity that name somebody. */
export interface Mention {
  readonly entity: string;
  readonly count: number;
  /** The latest of them, so that somebody can look. */
  readonly ids: readonly string[];
}

/** Mentions of one entity of which the ids are told. */
const MENTIONS_TOLD = 20;

/** Other records, recycle bin included, that hold one of the patterns somewhere in their text. */
export async function mentionsOf(
  ctx: TxCtx,
  catalog: Catalog,
  patterns: readonly string[],
  belongings: Belongings,
): Promise<Mention[]> {
  const mentions: Mention[] = [];
  for (const entity of catalog.schema.entities.values()) {
    const [row] = await ctx.tx.query<{ n: number; ids: string[] | null }>(
      `select count(*)::int as n, (array_agg(t.id::text order by t.id desc))[1:${MENTIONS_TOLD}] as ids from ${entity.source} t where not t.id = any($1::uuid[]) and t::text ilike any($2::text[])`,
      [[...(belongings.get(entity.id) ?? [])], patterns],
    );
    if (row.n > 0) mentions.push({ entity: entity.id, count: row.n, ids: row.ids ?? [] });
  }
  return mentions;
}

export async function madeAtOf(
  ctx: TxCtx,
  catalog: Catalog,
  entity: string,
  ids: readonly string[],
): Promise<{ id: string; at: Date }[]> {
  const { table } = catalog.schema.entities.get(entity) as EntityModel;
  return ctx.tx.query(`select t.id, t.created_at as at from ${table} t where t.id = any($1::uuid[])`, [ids]);
}
