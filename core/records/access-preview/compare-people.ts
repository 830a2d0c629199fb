import type { AccessChange, AccessPreview, RowChange } from '../../../schemas/studio.js';
import type { Ctx, Tx, UserActor } from '../../sdk/index.js';
import type { RecordsDeps, TxCtx } from '../transaction.js';
import { usersAtMost } from './compare-access.js';
import { compareEntity, sideOf, type Moment } from './compare-entity.js';
import { counter, reachedBy, runInside, type Reached } from './count-rows.js';
import { foresee, type Foreseen, type Person } from './foresee.js';

type Operation = 'read' | 'update';

/** As long as the change stands, whoever else would change the same people waits. */
const standingMs = 10_000;

/**
 * What users would gain and lose by a change of people: roles, who reports to whom, teams, territories. The change is made as it would be, what
 * is reached then is taken down where it cannot be told from the users alone, and all is taken back before it is compared: nothing
 * of it is ever seen outside. Users whose reach changes come first. Throws what the change throws.
 */
export function comparePeople(
  deps: RecordsDeps,
  ctx: Ctx,
  change: (inside: TxCtx) => Promise<void>,
): Promise<AccessPreview> {
  const catalog = deps.catalog.current;
  return deps.db.transaction(
    async (tx) => {
      const inside = ctx.withTx(tx) as TxCtx;
      const people = await peopleOf(tx);
      const load = (some: readonly Person[]): Promise<Map<string, UserActor>> => actorsOf(deps, tx, some);
      const first = await load(people.slice(0, usersAtMost));

      await tx.query('savepoint planned');
      const startedAt = performance.now();
      await change(inside);
      const then = new Map((await peopleOf(tx)).map(({ id, epoch }) => [id, epoch]));
      const concerned = people.filter(({ id, epoch }) => then.has(id) && then.get(id) !== epoch).slice(0, usersAtMost);
      const others = people.filter(({ id, epoch }) => then.get(id) === epoch && first.has(id));
      const foreseen = await foresee(deps, inside, {
        catalog,
        concerned,
        others: others.slice(0, usersAtMost - concerned.length),
        actors: new Map([...first, ...(await load(concerned))]),
        run: runInside(tx, () => standingMs - (performance.now() - startedAt)),
      });
      await tx.query('rollback to savepoint planned');

      const before = new Map([...first, ...(await load(concerned.filter(({ id }) => !first.has(id))))]);
      const changes = await compared(deps, inside, { foreseen, before });
      return { epoch: catalog.epoch, users: { examined: foreseen.length, total: people.length }, changes };
    },
    { opening: 'set transaction isolation level repeatable read' },
  );
}

/** Each user's reach as it is against the one that was foreseen. */
async function compared(
  deps: RecordsDeps,
  inside: TxCtx,
  { foreseen, before }: { foreseen: readonly Foreseen[]; before: ReadonlyMap<string, UserActor> },
): Promise<AccessChange[]> {
  const catalog = deps.catalog.current;
  const env = { deps, now: inside.now() };
  const count = counter(runInside(inside.tx));
  const changes: AccessChange[] = [];
  const asked = new Map(
    [...catalog.schema.entities.keys()].map((id) => [id, sideOf(env, { ctx: inside, catalog }, id, 'read')]),
  );
  for (const { person, actor, entities, kept } of foreseen) {
    const was = before.get(person.id);
    if (!was) continue;
    const [then, now] = [was, actor].map((one): Moment => ({ ctx: deps.contexts.withActor(inside, one), catalog }));
    for (const entity of entities) {
      const asker = asked.get(entity.id);
      if (!asker) continue;
      const rows = async (operation: Operation): Promise<RowChange | null> => {
        const set = kept.get(`${entity.id} ${operation}`);
        if (set === null) return null;
        const after: Reached = set
          ? (sql) => `t.id = any(${sql.param(set, 'uuid[]')})`
          : reachedBy(sideOf(env, now, entity.id, operation));
        return count({ before: reachedBy(sideOf(env, then, entity.id, operation)), after, asker });
      };
      const change = await compareEntity({ deps, before: then, after: now, entity, rows });
      const user = { id: person.id, title: person.name };
      if (change !== null) changes.push({ user, entity: entity.id, ...change });
    }
  }
  return changes;
}

/** Whoever is active, by name, with the epoch that moves as soon as its reach does. */
function peopleOf(tx: Tx): Promise<Person[]> {
  return tx.query<Person>(
    'select user_id as id, name, security_epoch as epoch from trellis.credential where active order by name, user_id',
  );
}

async function actorsOf(deps: RecordsDeps, tx: Tx, people: readonly Person[]): Promise<Map<string, UserActor>> {
  const actors = new Map<string, UserActor>();
  for (const { id } of people) {
    const actor = await deps.actors.load(id, null, null, tx);
    if (actor) actors.set(id, actor);
  }
  return actors;
}
