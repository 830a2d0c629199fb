import type { EntityModel, FieldModel, SchemaModel } from '../schema/index.js';
import type { VerifyInput } from './types.js';
import type { World } from './world.js';
import { nearRows } from './world.js';

/** Somebody through whose eyes the two states are compared. */
export interface VerifyActor {
  readonly name: string;
  /** Roles that exist, or the one that is made of `role`. */
  readonly roles: readonly string[];
  /** Document of a role that the suite makes; null: it looks through roles that are there. */
  readonly role: Record<string, unknown> | null;
  /** Entities whose probes are asked. */
  readonly focus: string;
  /** The field of `focus` that the made role hides. */
  readonly hides: string | null;
  /** Whether the made role shows the row `n` of `focus`; null: the roles are not the suite's own. */
  readonly shows: ((n: number) => boolean) | null;
}

const everything = {
  read: 'all',
  create: true,
  update: 'all',
  delete: 'all',
  purge: true,
  import: true,
  export: true,
} as const;
const own = { ...everything, read: 'own', update: 'own', delete: 'own' } as const;
const nothing = {
  read: 'none',
  create: false,
  update: 'none',
  delete: 'none',
  purge: false,
  import: false,
  export: false,
} as const;

/** Id of the role that the suite makes for an actor. */
export const roleId = (n: number): string => `x.verify${n}`;

/**
 * The actors that a catalog asks for: each field of each entity hidden in turn; own rows, own rows and those of a condition, no row;
 * a field hidden on rows that another role shows whole; and the roles that are there.
 */
export function actorsOf(input: Pick<VerifyInput, 'entities' | 'roles'>, schema: SchemaModel): VerifyActor[] {
  const computed = systemComputedRules(schema);
  const actors: Omit<VerifyActor, 'roles'>[] = [];
  for (const id of input.entities) {
    const entity = schema.entities.get(id);
    if (!entity) continue;
    const role = (grants: object[], fields: object[] = []): Record<string, unknown> => ({
      title: 'Verify',
      grants: [{ entity: '*', ...everything }, ...grants],
      fields: [...fields, ...computed],
    });
    const all = () => true;
    for (const { key } of hideable(entity))
      actors.push({
        name: `without ${id}.${key}`,
        role: role([], [{ entity: id, field: key, access: 'none' }]),
        focus: id,
        hides: key,
        shows: all,
      });
    const isOwned = entity.ownership === 'principal';
    const isNear = (n: number) => isOwned && n < nearRows;
    actors.push(
      { name: `own ${id}`, role: role([{ entity: id, ...own }]), focus: id, hides: null, shows: isNear },
      {
        name: `own ${id} and some`,
        role: role([{ entity: id, ...own, readWhen: `externalId == "far-${nearRows}"` }]),
        focus: id,
        hides: null,
        shows: (n) => isNear(n) || n === nearRows,
      },
      { name: `no ${id}`, role: role([{ entity: id, ...nothing }]), focus: id, hides: null, shows: () => false },
    );
  }
  const made = actors.map((actor, n) => ({ ...actor, roles: [roleId(n)] }));
  const there = input.roles.flatMap((name) =>
    input.entities.map((focus) => ({
      name: `${name} on ${focus}`,
      roles: [name],
      role: null,
      focus,
      hides: null,
      shows: null,
    })),
  );
  return [...made, ...there];
}

/** Fields that a role can take away: all but the id and what the kernel needs to speak of a record. */
export function hideable(entity: EntityModel): FieldModel[] {
  return [...entity.fields.values()].filter(
    (field) => !field.retired && (!field.system || field.key === 'externalId' || field.key === 'ownerId'),
  );
}

/** What is declared to be computed over everything tells of what is hidden, by that declaration; no made role shows it. */
function systemComputedRules(schema: SchemaModel): object[] {
  return systemComputed(schema).map(({ entity, key }) => ({ entity, field: key, access: 'none' }));
}

/** Fields that are declared system-computed. */
export function systemComputed(schema: SchemaModel): FieldModel[] {
  return [...schema.entities.values()].flatMap((entity) =>
    [...entity.fields.values()].filter(
      (field) => field.formula?.systemComputed ?? field.rollup?.systemComputed ?? false,
    ),
  );
}

/** Takes some of the actors, each kind of them as evenly as it comes, the same for the same seed. */
export function sampleActors(
  actors: readonly VerifyActor[],
  { seed, actors: wanted }: NonNullable<VerifyInput['sample']>,
): VerifyActor[] {
  const keyed = actors.map((actor, i) => ({ actor, at: scatter(seed, i) }));
  const ofRows = keyed.filter(({ actor }) => actor.hides === null).sort((a, b) => a.at - b.at);
  const ofFields = keyed.filter(({ actor }) => actor.hides !== null).sort((a, b) => a.at - b.at);
  const half = Math.min(ofRows.length, Math.ceil(wanted / 2));
  return [...ofRows.slice(0, half), ...ofFields.slice(0, wanted - half)].map(({ actor }) => actor);
}

function scatter(seed: number, i: number): number {
  let t = Math.imul((seed + i * 0x6d2b79f5) ^ (seed >>> 15), 0x2c1b3c6d | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}

/** Makes the roles of the actors, all in one change of the catalog. */
export async function makeRoles(world: World, actors: readonly VerifyActor[]): Promise<void> {
  const operations = actors
    .filter(({ role }) => role !== null)
    .map(({ roles, role }) => ({ type: 'role', id: roles[0], op: 'set', at: '', value: role }));
  if (operations.length === 0) return;
  const body = { reason: 'trellis plugin verify', operations };
  const answer = await world.admin({ method: 'POST', path: '/api/catalog/apply', body });
  if (answer.status >= 300) throw new Error(`The roles could not be made: ${answer.text}`);
}
