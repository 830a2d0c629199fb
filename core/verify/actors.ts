import type { EntityModel, FieldModel, SchemaModel } from '../schema/index.js';
import type { VerifyInput } from './types.js';
import { isPlain } from './sample-value.js';
import { nearRows, type World } from './world.js';

/** Somebody through whose eyes the two states are compared. */
export interface VerifyActor {
  readonly name: string;
  /** Roles that exist, or the one that is made of `role`. */
  readonly roles: readonly string[];
  /** Definitions that the suite makes for it: its roles, and rules that speak of them. Empty: it looks through roles that are there. */
  readonly documents: readonly Made[];
  /** Entities whose probes are asked. */
  readonly focus: string;
  /** The field of `focus` that the made role hides. */
  readonly hides: string | null;
  /** Whether the made role shows the row `n` of `focus`; null: the roles are not the suite's own. */
  readonly shows: ((n: number) => boolean) | null;
  /** Fields of `focus` of which only a mask is shown. */
  readonly masks: readonly string[];
  /** Fields of `focus` that only some of the visible rows show. */
  readonly veils: { readonly keys: readonly string[]; shows(n: number): boolean };
  /** What must be arranged in the database, or which way it comes; null: nothing, by its API key. */
  readonly way: 'share' | 'hierarchy' | 'narrow key' | 'impersonation' | null;
  /** Whether it sees rows because they are its own, and for no other reason. */
  readonly isByOwner: boolean;
  /** Whether `focus` must not exist for it at all. */
  readonly isGone: boolean;
}

/** A definition. */
interface Made {
  readonly type: 'role' | 'sharing-rule' | 'restriction-rule';
  readonly id: string;
  readonly value: Record<string, unknown>;
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
const roleId = (n: number): string => `x.verify${n}`;

const plain = {
  hides: null,
  masks: [],
  veils: { keys: [], shows: () => true },
  way: null,
  isByOwner: false,
  isGone: false,
} as const;

type Draft = Partial<Omit<VerifyActor, 'documents' | 'roles'>> & Pick<VerifyActor, 'name'>;

/**
 * The actors that a catalog asks for: each field of each entity hidden in turn; masks; fields that one role shows on some rows; own rows,
 * those of a condition, a share, a sharing rule, the hierarchy, a restriction rule; no row; a narrowed API key; somebody who acts as
 * another; and the roles that are there.
 */
export function actorsOf(input: Pick<VerifyInput, 'entities' | 'roles'>, schema: SchemaModel): VerifyActor[] {
  const computed = systemComputedRules(schema);
  const actors: VerifyActor[] = [];
  for (const focus of input.entities) {
    const entity = schema.entities.get(focus);
    if (!entity) continue;
    const add = (draft: Draft, grants: readonly object[], more: Extra = {}): void => {
      const id = roleId(actors.length);
      const role = (all: readonly object[], fields: readonly object[] = []): Record<string, unknown> => ({
        title: 'Verify',
        grants: all,
        fields: [...fields, ...computed],
      });
      const second = more.second ? [{ type: 'role' as const, id: `${id}b`, value: role(...more.second) }] : [];
      const rule = more.rule ? [{ ...more.rule(id), id: `${id}r` }] : [];
      const first = role([{ entity: '*', ...everything }, ...grants], more.fields);
      const documents: Made[] = [{ type: 'role', id, value: first }, ...second, ...rule];
      const roles = documents.filter(({ type }) => type === 'role').map((made) => made.id);
      actors.push({ ...plain, shows: () => true, focus, ...draft, roles, documents });
    };
    for (const { key } of hideable(entity))
      add({ name: `without ${focus}.${key}`, hides: key }, [], {
        fields: [{ entity: focus, field: key, access: 'none' }],
      });
    for (const [draft, grants, more] of actorsOfRows(entity)) add(draft, grants, more);
  }
  const there = input.roles.flatMap((name) =>
    input.entities.map((focus): VerifyActor => ({
      ...plain,
      name: `${name} on ${focus}`,
      roles: [name],
      documents: [],
      focus,
      shows: null,
    })),
  );
  return [...actors, ...there];
}

interface Extra {
  readonly fields?: readonly object[];
  /** Grants and field rules of a second role. */
  readonly second?: readonly [grants: readonly object[], fields: readonly object[]];
  /** A rule that names the role. */
  readonly rule?: (role: string) => Omit<Made, 'id'>;
}

/** What shows some rows of an entity, or some rows less of it. */
function actorsOfRows(entity: EntityModel): (readonly [Draft, readonly object[], Extra?])[] {
  const { id } = entity;
  const isOwned = entity.ownership === 'principal';
  const isNear = (n: number): boolean => isOwned && n < nearRows;
  const isSome = (n: number): boolean => isNear(n) || n === nearRows;
  const far = `externalId == "far-${nearRows}"`;
  const ownRows = { entity: id, ...own };
  const masks = hideable(entity)
    .filter((field) => field.kind.mask && isPlain(field))
    .map(({ key }) => key);
  const veiled = hideable(entity)
    .filter((field) => isPlain(field) && !field.unique)
    .map(({ key }) => key);
  const accessTo = (keys: readonly string[], access: string): object[] =>
    keys.map((field) => ({ entity: id, field, access }));
  return [
    [{ name: `own ${id}`, shows: isNear, isByOwner: true }, [ownRows]],
    [{ name: `own ${id} and some`, shows: isSome }, [{ ...ownRows, readWhen: far }]],
    [{ name: `no ${id}`, shows: () => false, isGone: true, isByOwner: true }, [{ entity: id, ...nothing }]],
    [{ name: `shared ${id}`, shows: isSome, way: 'share' }, [ownRows]],
    [
      { name: `ruled ${id}`, shows: isSome },
      [ownRows],
      {
        rule: (role) => ({
          type: 'sharing-rule',
          value: { title: 'Verify', entity: id, access: 'read', to: { roles: [role] }, when: far },
        }),
      },
    ],
    [
      { name: `limited ${id}`, shows: (n) => n === 0 || n === nearRows },
      [],
      {
        rule: (role) => ({
          type: 'restriction-rule',
          value: { title: 'Verify', entity: id, roles: [role], when: `externalId == "near-0" || ${far}` },
        }),
      },
    ],
    [{ name: `key without ${id}`, shows: () => false, isGone: true, isByOwner: true, way: 'narrow key' }, []],
    ...(isOwned
      ? ([
          [{ name: `above ${id}`, shows: isSome, way: 'hierarchy' }, [ownRows]],
          [{ name: `acting ${id}`, shows: isNear, isByOwner: true, way: 'impersonation' }, [ownRows]],
        ] as const)
      : []),
    ...(masks.length > 0
      ? ([[{ name: `masked ${id}`, masks }, [], { fields: accessTo(masks, 'masked') }]] as const)
      : []),
    ...(veiled.length > 0
      ? ([
          [
            { name: `partly ${id}`, veils: { keys: veiled, shows: isSome } },
            [{ ...ownRows, readWhen: far }],
            { second: [[{ entity: id, ...nothing, read: 'all', export: true }], accessTo(veiled, 'none')] },
          ],
        ] as const)
      : []),
  ];
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

/** Makes the definitions of the actors, all in one change of the catalog. */
export async function makeRoles(world: World, actors: readonly VerifyActor[]): Promise<void> {
  const operations = actors.flatMap(({ documents }) =>
    documents.map(({ type, id, value }) => ({ type, id, op: 'set', at: '', value })),
  );
  if (operations.length === 0) return;
  const body = { reason: 'trellis plugin verify', operations };
  const answer = await world.admin({ method: 'POST', path: '/api/catalog/apply', body });
  if (answer.status >= 300) throw new Error(`The roles could not be made: ${answer.text}`);
}
