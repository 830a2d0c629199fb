import type { SchemaModel } from '../schema/index.js';
import { dataOf, type Speaker } from './speak.js';
import type { VerifyActor } from './actors.js';
import type { World } from './world.js';

/** What an actor may read: rows and fields by entity; an entity that is not here it may not read. */
export type Seen = ReadonlyMap<string, SeenEntity>;

export interface SeenEntity {
  readonly ids: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
  /** Fields of which only a mask is shown. */
  readonly masked: ReadonlySet<string>;
  /** Fields that not every visible row shows: key → ids of the rows that do not. */
  readonly veiled: ReadonlyMap<string, ReadonlySet<string>>;
}

/** True where the field is shown, but not as it stands, or not by every row. */
export function isGuarded(seen: Seen, entity: string, key: string): boolean {
  const mine = seen.get(entity);
  return mine !== undefined && (mine.masked.has(key) || mine.veiled.has(key));
}

/** Asks the server, as the actor, what it may read: the fields by the catalog, the rows by lists. */
export async function askSeen(reader: Speaker, world: World): Promise<Seen> {
  const catalog = dataOf<{ entities: { id: string; fields: { key: string; access?: string }[] }[] }>(
    await reader({ path: '/api/catalog' }),
  );
  const seen = new Map<string, SeenEntity>();
  for (const { id, fields } of catalog.entities) {
    const ids = new Set<string>();
    if ((world.rows.get(id) ?? []).length > 0)
      for (const deleted of ['exclude', 'only']) {
        const answer = await reader({ path: `/api/records/${id}?fields=id&limit=500&deleted=${deleted}` });
        if (answer.status === 200) for (const row of dataOf<{ id: string }[]>(answer)) ids.add(row.id);
      }
    seen.set(id, {
      ids,
      fields: new Set(['id', ...fields.map(({ key }) => key)]),
      masked: new Set(fields.filter(({ access }) => access === 'masked').map(({ key }) => key)),
      veiled: new Map(),
    });
  }
  return seen;
}

/** What the actor was seen to read though its role hides it, as words; and what it may read without that. */
export function judge(
  seen: Seen,
  actor: VerifyActor,
  world: World,
): { readonly wrong: readonly string[]; readonly right: Seen } {
  if (actor.shows === null) return { wrong: [], right: seen };
  const { shows, focus, hides } = actor;
  const rows = world.rows.get(focus) ?? [];
  const mine = seen.get(focus);
  const hidden = new Set(rows.filter(({ n }) => !shows(n)).map(({ id }) => id));
  const wrong = rows.filter(({ id }) => hidden.has(id) && mine?.ids.has(id)).map(({ n }) => `row ${n} of ${focus}`);
  if (hides !== null && mine?.fields.has(hides)) wrong.push(`field ${focus}.${hides}`);
  const isNone = rows.length > 0 && actor.isGone;
  if (isNone && mine) wrong.push(`entity ${focus}`);
  const right = new Map(seen);
  if (isNone) right.delete(focus);
  else if (mine) {
    const unshown = rows.filter(({ id, n }) => !hidden.has(id) && !actor.veils.shows(n)).map(({ id }) => id);
    right.set(focus, {
      ids: new Set([...mine.ids].filter((id) => !hidden.has(id))),
      fields: new Set([...mine.fields].filter((key) => key !== hides)),
      masked: new Set(actor.masks),
      veiled: new Map(actor.veils.keys.map((key) => [key, new Set(unshown)])),
    });
  }
  return { wrong, right };
}

/** What system-computed fields that the actor reads tell of, by declaration: `entity.field`, or `entity` for its rows. */
export function declaredInputs(schema: SchemaModel, seen: Seen): Set<string> {
  const told = new Set<string>();
  const visit = (entity: string, key: string): void => {
    const field = schema.entities.get(entity)?.fields.get(key);
    if (!field || told.has(`${entity}.${key}`)) return;
    told.add(`${entity}.${key}`);
    if (field.rollup) told.add(field.rollup.entity).add(`${field.rollup.entity}.${field.rollup.link}`);
    for (const read of [...(field.formula?.reads ?? []), ...(field.rollup?.reads ?? [])]) {
      // A formula over links tells whether there is a record at their end.
      if (read.entity !== entity) told.add(read.entity);
      visit(read.entity, read.field);
    }
  };
  for (const [id, { fields }] of seen)
    for (const key of fields) {
      const field = schema.entities.get(id)?.fields.get(key);
      if (field?.formula?.systemComputed ?? field?.rollup?.systemComputed) visit(id, key);
    }
  return told;
}

/** Rows that the suite must leave alone: those by which it speaks itself. */
export function untouchable(input: Pick<World, 'adminId' | 'readerId'>): Set<string> {
  return new Set([input.adminId, input.readerId]);
}
