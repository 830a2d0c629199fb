import type { EntityModel, FieldModel, SchemaModel } from '../schema/index.js';
import type { VerifyActor } from './actors.js';
import type { Seen } from './seen.js';
import type { Ask } from './speak.js';
import type { World } from './world.js';

/** One question whose answers are compared. */
export interface Probe {
  /** Of docs/decisions/0016: list, search, sort … */
  readonly surface: string;
  readonly what: string;
  readonly ask: Ask;
  /** The same about something that is not there: its answer must be the same but for the name. */
  readonly none?: { readonly ask: Ask; readonly names: readonly (readonly [asked: string, none: string])[] };
  /** Writes, if it is let: its own new ids and instants differ from time to time. */
  readonly writes?: true;
  /** Follows the cursor to the end and compares all pages; or runs the import that it made, and compares what became of it. */
  readonly follow?: 'pages' | 'import';
  /** Words that the answer must not have, whatever else it says. */
  readonly never?: readonly string[];
}

/** What probes are made of. */
export interface ProbeInput {
  readonly schema: SchemaModel;
  readonly world: World;
  readonly actor: VerifyActor;
  readonly seen: Seen;
  readonly entity: EntityModel;
  /** Numbers by which some of many are chosen, the same in both states. */
  readonly pick: (below: number) => number;
}

/** Address of an entity's records. */
export const recordsOf = (entity: EntityModel): string => `/api/records/${entity.id}`;

/** A path with parameters. */
export function at(path: string, parameters: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(parameters).toString()}`;
}

/** A field that is not there, as long as the one it stands for. */
export function noField(key: string): string {
  return 'qjxzvkwq'.repeat(1 + key.length / 8).slice(0, key.length);
}

/** Readable fields of the entity, in order. */
export function readableFields({ seen, entity }: ProbeInput): FieldModel[] {
  const keys = seen.get(entity.id)?.fields ?? new Set<string>();
  return [...entity.fields.values()].filter((field) => keys.has(field.key) && !field.retired);
}

/** At most so many of a list, by chance, in their order. */
export function some<T>(list: readonly T[], n: number, pick: ProbeInput['pick']): T[] {
  if (list.length <= n) return [...list];
  const chosen = new Set<number>();
  while (chosen.size < n) chosen.add(pick(list.length));
  return list.filter((_each, i) => chosen.has(i));
}

/** To-one links of other entities that lead to this one. */
export function linksTo({ schema, seen, entity }: ProbeInput): FieldModel[] {
  return [...schema.entities.values()].flatMap((other) =>
    [...other.fields.values()].filter(
      (field) =>
        field.kind.relation === 'one' &&
        field.to[0] === entity.id &&
        !field.system &&
        !field.retired &&
        (seen.get(other.id)?.fields.has(field.key) ?? false),
    ),
  );
}
