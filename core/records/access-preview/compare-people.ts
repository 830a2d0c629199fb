import type { AccessChange, AccessPreview, RowChange } from '../../../schemas/studio.js';
import type { Ctx, Tx, UserActor } from '../../sdk/index.js';
import type { RecordsDeps, TxCtx } from '../transaction.js';
import { usersAtMost } from './compare-access.js';
import { compareEntity, sideOf, type Moment } from './compare-entity.js';
import { counter, reachedBy, runInside, type Reached } from './count-rows.js';
import { deadlineIn } from './deadline.js';
import { foresee, type Foreseen, type Person } from './foresee.js';

type Operation = 'read' | 'update';

/** As long as the change stands, whoever else would change the same people waits. */
const standingMs = 10_000;
/** What is not counted by then is told as not counted. */
const comparingMs = 10_000;
/** Whoever changes the same people now is waited for no longer. */
const lockTimeoutMs = 3_000;

/**
 * What users would gain and lose by a change of people: roles, who reports to whom, teams, territories. The change is made as it would be, what
 * is reached then is taken down where it cannot be told from the users alone, and all is taken back before it is compared: nothing
 * of it is ever seen outside. Users whose reach changes come first. Throws what the change throws, and database.locked.
 *
 * A transaction that has written holds up whoever reads the outbox in order, for everybody. So the one that makes the change ends
 * as soon as that is taken down; what was before is read in another that writes nothing, on the same snapshot.
 */
export function comparePeople(
  deps: RecordsDeps,
  ctx: Ctx,
  change: (inside: TxCtx) => Promise<void>,
): Promise<AccessPreview> {
  const catalog = deps.catalog.current;
  return deps.db.session(async (session) => {
    const { people, first, foreseen } = await deps.db.transaction(
      async (tx) => {
        await readBeside(session, tx);
        const inside = ctx.withTx(tx) as TxCtx;
        const people = await peopleOf(tx);
        const first = await deps.actors.loadAll(idsOf(people.slice(0, usersAtMost)), tx);

        await tx.query('savepoint planned');
        const deadline = deadlineIn(ctx, standingMs);
        await change(inside);
        const then = new Map((await peopleOf(tx)).map(({ id, epoch }) => [id, epoch]));
        const concerned = people
          .filter(({ id, epoch }) => then.has(id) && then.get(id) !== epoch)
          .slice(0, usersAtMost);
        const others = people.filter(({ id, epoch }) => then.get(id) === epoch && first.has(id));
        const foreseen = await foresee(deps, inside, {
          catalog,
          concerned,
          others: others.slice(0, usersAtMost - concerned.length),
          actors: new Map([...first, ...(await deps.actors.loadAll(idsOf(concerned), tx))]),
          run: runInside(tx, deadline.leftMs),
          deadline,
        });
        await tx.query('rollback to savepoint planned');
        return { people, first, foreseen };
      },
      { opening: 'set transaction isolation level repeatable read', lockTimeoutMs },
    );

    const unknown = foreseen.flatMap(({ person }) => (first.has(person.id) ? [] : [person.id]));
    const before = new Map([...first, ...(await deps.actors.loadAll(unknown, session))]);
    const changes = await compared(deps, ctx.withTx(session) as TxCtx, { foreseen, before });
    return { epoch: catalog.epoch, users: { examined: foreseen.length, total: people.length }, changes };
  });
}

/** From now on the session reads what the transaction found, whatever that writes. */
async function readBeside(session: Tx, tx: Tx): Promise<void> {
  const [{ snapshot }] = await tx.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot');
  // What an earlier attempt began.
  await session.query('rollback');
  await session.query('begin isolation level repeatable read read only');
  await session.query(`set transaction snapshot '${snapshot}'`);
}

/** Each user's reach as it is against the one that was foreseen. */
async function compared(
  deps: RecordsDeps,
  inside: TxCtx,
  { foreseen, before }: { foreseen: readonly Foreseen[]; before: ReadonlyMap<string, UserActor> },
): Promise<AccessChange[]> {
  const catalog = deps.catalog.current;
  const env = { deps, now: inside.now() };
  const deadline = deadlineIn(inside, comparingMs);
  const count = counter(runInside(inside.tx, deadline.leftMs));
  const changes: AccessChange[] = [];
  const asked = new Map(
    [...catalog.schema.entities.keys()].map((id) => [id, sideOf(env, { ctx: inside, catalog }, id, 'read')]),
  );
  for (const { person, actor, entities, kept } of foreseen) {
    const was = before.get(person.id);
    if (!was) continue;
    // Nobody is left to be told.
    if ((await deadline.isOver()) && inside.signal.aborted) break;
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

function idsOf(people: readonly Person[]): string[] {
  return people.map(({ id }) => id);
}
