import type { AccessPreview } from '../../../schemas/studio.js';
import type { Ctx, Tx } from '../../sdk/index.js';
import type { RecordsDeps, TxCtx } from '../transaction.js';
import { runInside } from './count-rows.js';
import { deadlineIn } from './deadline.js';
import { foresee, writesOf, writtenSince } from './foresee.js';
import { createKeeper } from './kept.js';
import { kindsOf, type Pair } from './kinds.js';
import { createLookout, type Comparison } from './look.js';
import { actorsOf, peopleOf, type Person } from './people.js';
import { tellChanges } from './tell-changes.js';

/** Users are loaded, before anything is changed. */
const loadingMs = 10_000;
/** As long as the change stands, whoever else would change the same people waits. */
const standingMs = 10_000;
/** What is not counted by then is told as not counted. */
const comparingMs = 10_000;
/** Whoever changes the same people now is waited for no longer. */
const lockTimeoutMs = 3_000;

/**
 * What users would gain and lose by a change of people: roles, who reports to whom, teams, territories. The change is made as it would be, what
 * is reached then is taken down where it cannot be told from the users alone, and all is taken back before it is compared: nothing
 * of it is ever seen outside. Users whose own reach changes come first. Throws what the change throws, and database.locked.
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
    const { people, comparison, kinds } = await deps.db.transaction(
      async (tx) => {
        await readBeside(session, tx);
        const inside = ctx.withTx(tx) as TxCtx;
        const now = inside.now();
        const people = await peopleOf(tx);
        const before = await actorsOf(deps, session, people, deadlineIn(ctx, loadingMs));

        await tx.query('savepoint planned');
        const writes = await writesOf(tx);
        const deadline = deadlineIn(ctx, standingMs);
        await change(inside);
        const then = new Map((await peopleOf(tx)).map(({ id, epoch }) => [id, epoch]));
        const concerned = people.filter(({ id, epoch }) => then.has(id) && then.get(id) !== epoch);
        const after = await actorsOf(deps, tx, concerned, deadline);
        const late = concerned.filter(({ id }) => !before.has(id));
        for (const [id, actor] of await actorsOf(deps, session, late, deadline)) before.set(id, actor);
        const pairOf = (person: Person): Pair[] => {
          const was = before.get(person.id);
          const is = then.get(person.id) === person.epoch ? was : after.get(person.id);
          return was && is ? [{ person, before: was, after: is }] : [];
        };
        const others = people.filter(({ id, epoch }) => then.get(id) === epoch);

        const keeper = createKeeper(runInside(tx, deadline.leftMs), { schema: catalog.schema, gone: new Map() });
        const foreseen = { ...(await writtenSince(tx, writes, { catalog, now })), kept: keeper };
        const comparison: Comparison = { deps, ctx: inside, now, before: catalog, after: catalog, foreseen };
        const pairs = [...concerned, ...others].flatMap(pairOf);
        const kinds = await foresee(comparison, kindsOf(pairs), { keeper, deadline });
        await tx.query('rollback to savepoint planned');
        return { people, comparison, kinds };
      },
      { opening: 'set transaction isolation level repeatable read', lockTimeoutMs },
    );

    const deadline = deadlineIn(ctx, comparingMs);
    const lookout = createLookout(comparison, runInside(session, deadline.leftMs));
    const { examined, further, changes } = await tellChanges(comparison, lookout, kinds, deadline);
    return { epoch: catalog.epoch, users: { examined, total: people.length, further }, changes };
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
