import type { Catalog } from '../catalog/index.js';
import { isMasked, type RowPart } from '../query/index.js';
import type { Ctx, RecordData, UserActor } from '../sdk/index.js';
import { listRecords } from './read.js';
import type { RecordsDeps } from './transaction.js';

/** A user, team or territory by which a way leads to a record. */
export interface Through {
  readonly type: 'user' | 'team' | 'territory';
  readonly id: string;
  readonly title: string;
}

/** One that is not looked up yet: by id, or by the name that a rule gives it. */
export type ThroughKey = { readonly id: string } | { readonly type: 'team' | 'territory'; readonly name: string };

/** By whom else than itself a way leads to a user: principals that were found, or the teams and territories that its rule names. */
export function throughOf(
  actor: UserActor,
  catalog: Catalog,
  why: RowPart['why'],
  found: readonly string[],
): ThroughKey[] {
  if (why.kind !== 'rule') return found.filter((id) => id !== actor.userId).map((id) => ({ id }));
  const { to } = (catalog.definitions('sharing-rule').get(why.id ?? '')?.document ?? {}) as {
    to?: { teams?: readonly string[]; territories?: readonly string[] };
  };
  const { teams = [], territories = [] } = actor.reach ?? {};
  return [
    ...(to?.teams ?? []).filter((name) => teams.includes(name)).map((name) => ({ type: 'team' as const, name })),
    ...(to?.territories ?? [])
      .filter((name) => territories.includes(name))
      .map((name) => ({ type: 'territory' as const, name })),
  ];
}

/** Looks up many at once, as far as whoever asks sees them; what it does not see is left out. */
export async function lookUpThrough(
  deps: RecordsDeps,
  ctx: Ctx,
  keys: readonly ThroughKey[],
): Promise<(key: ThroughKey) => Through[]> {
  const known = new Map<string, Through>();
  const ids = [...new Set(keys.flatMap((key) => ('id' in key ? [key.id] : [])))];
  for (const { id, name, type } of await seen(deps, ctx, 'core.principal', ['id', 'name', 'type'], 'id', ids))
    known.set(String(id), { type: type as Through['type'], id: String(id), title: String(name) });
  for (const type of ['team', 'territory'] as const) {
    const names = keys.flatMap((key) => ('name' in key && key.type === type ? [key.name] : []));
    for (const { id, name } of await seen(deps, ctx, `core.${type}`, ['id', 'name'], 'name', [...new Set(names)]))
      known.set(`${type} ${String(name)}`, { type, id: String(id), title: String(name) });
  }
  return (key) => {
    const found = known.get('id' in key ? key.id : `${key.type} ${key.name}`);
    return found ? [found] : [];
  };
}

async function seen(
  deps: RecordsDeps,
  ctx: Ctx,
  entity: string,
  fields: readonly string[],
  by: string,
  values: readonly string[],
): Promise<RecordData[]> {
  const catalog = deps.catalog.current;
  if (values.length === 0 || !deps.access.may(ctx, catalog, entity, 'read')) return [];
  const scope = deps.access.read(ctx, catalog, entity);
  if (fields.some((key) => key !== 'id' && (!scope.fields.has(key) || isMasked(scope, key)))) return [];
  const filter = `${by} in ${JSON.stringify(values.slice(0, 500))}`;
  return (await listRecords(deps, ctx, { entity, fields: [...fields], filter, limit: 500 })).data;
}
