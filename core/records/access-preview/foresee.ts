import type { Catalog } from '../../catalog/index.js';
import { Sql } from '../../query/index.js';
import type { EntityModel } from '../../schema/index.js';
import type { UserActor } from '../../sdk/index.js';
import type { RecordsDeps, TxCtx } from '../transaction.js';
import { sideOf, type Moment } from './compare-entity.js';
import { conditionOf, reachedBy, type Reached, type Run } from './count-rows.js';
import type { Deadline } from './deadline.js';

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Its security epoch. */
  readonly epoch: string;
}

/** A user as a change would leave it. */
export interface Foreseen {
  readonly person: Person;
  readonly actor: UserActor;
  /** Those of which it may reach other rows. */
  readonly entities: readonly EntityModel[];
  /** `entity operation` → ids of the rows that it reaches then, where that depends on what was changed; null: too many. */
  readonly kept: ReadonlyMap<string, readonly string[] | null>;
}

interface Input {
  readonly catalog: Catalog;
  /** Users whose own reach the change moved. */
  readonly concerned: readonly Person[];
  /** Further ones: they may reach other rows by what is known of others, such as the roles of owners. */
  readonly others: readonly Person[];
  /** As they are now. */
  readonly actors: ReadonlyMap<string, UserActor>;
  readonly run: Run;
  /** Whom it leaves no time for is not looked at. */
  readonly deadline: Deadline;
}

/** A set of records that is larger is not taken down. */
const keptAtMost = 20_000;
/** Ids that are taken down in all. */
const idsAtMost = 400_000;
const reports = 'trellis.report';
const operations = ['read', 'update'] as const;

/** Takes down, as long as a change of people stands, what cannot be told once it is taken back. Reads only; ends at the deadline. */
export async function foresee(deps: RecordsDeps, inside: TxCtx, input: Input): Promise<Foreseen[]> {
  const { catalog, concerned, others, actors, deadline } = input;
  const keep = keeper(input.run);
  const moved = movedBy(catalog);
  const isMoved = (entity: EntityModel, text: string, relations: readonly string[]): boolean =>
    relations.some((name) => text.includes(name)) || (moved.entities.has(entity.id) && /\bt\./.test(text));
  const foreseen: Foreseen[] = [];
  const look = async (person: Person, entities: Iterable<EntityModel>, relations: readonly string[]) => {
    const actor = actors.get(person.id);
    if (!actor) return;
    const moment: Moment = { ctx: deps.contexts.withActor(inside, actor), catalog };
    const kept = new Map<string, readonly string[] | null>();
    const looked: EntityModel[] = [];
    for (const entity of entities) {
      looked.push(entity);
      for (const operation of operations) {
        const reached = reachedBy(sideOf({ deps, now: inside.now() }, moment, entity.id, operation));
        const isTaken = isMoved(entity, conditionOf(reached).text, relations);
        if (isTaken) kept.set(`${entity.id} ${operation}`, await keep(entity, reached));
      }
    }
    const isConcerned = relations === moved.relations;
    const found = isConcerned ? looked : looked.filter(({ id }) => operations.some((one) => kept.has(`${id} ${one}`)));
    foreseen.push({ person, actor, entities: found, kept });
  };
  for (const person of concerned) {
    if (await deadline.isOver()) return foreseen;
    await look(person, catalog.schema.entities.values(), moved.relations);
  }
  // Who reports to them is as it was.
  const ofOthers = moved.relations.filter((name) => name !== reports);
  const shapes = new Map<string, readonly EntityModel[]>();
  for (const person of others) {
    if (await deadline.isOver()) return foreseen;
    const { roles, reach } = actors.get(person.id) ?? {};
    const shape = JSON.stringify([roles, reach]);
    await look(person, shapes.get(shape) ?? catalog.schema.entities.values(), ofOthers);
    // Conditions of users who are alike differ in values only.
    if (!shapes.has(shape)) shapes.set(shape, foreseen.at(-1)?.entities ?? []);
  }
  return foreseen;
}

/** Relations that a change of people writes, and the entities whose own rows it does. */
function movedBy({ schema }: Catalog): { relations: readonly string[]; entities: ReadonlySet<string> } {
  const entities = ['core.user', 'core.teamMember', 'core.territoryMember'];
  const tables = entities.flatMap((id) => schema.entities.get(id)?.table ?? []);
  return { relations: [reports, 'trellis.user_role', 'trellis.team_member', ...tables], entities: new Set(entities) };
}

/** Ids of the rows of a condition, asked for once however many users it is the same for. */
function keeper(run: Run): (entity: EntityModel, reached: Reached) => Promise<readonly string[] | null> {
  const known = new Map<string, readonly string[] | null>();
  let count = 0;
  return async (entity, reached) => {
    const { key } = conditionOf(reached);
    const at = `${entity.id} ${key}`;
    const set = known.get(at);
    if (set !== undefined) return set;
    const sql = new Sql();
    const text = `select array(select t.id::text from ${entity.source} t where t.deleted_at is null and (${reached(sql)}) limit ${keptAtMost + 1}) as ids`;
    const rows = count > idsAtMost ? null : await run({ text, values: sql.values });
    const ids = rows && (rows[0].ids as string[]);
    const kept = ids === null || ids.length > keptAtMost ? null : ids;
    count += kept?.length ?? 0;
    known.set(at, kept);
    return kept;
  };
}
