import type { Tx, UserActor } from '../../sdk/index.js';
import type { RecordsDeps } from '../transaction.js';
import type { Deadline } from './deadline.js';

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Its security epoch, which moves as soon as its reach does. */
  readonly epoch: string;
}

/** Users that are loaded by one statement. */
const loadedAtOnce = 500;

/** Whoever is active, by name. */
export function peopleOf(tx: Tx): Promise<Person[]> {
  return tx.query<Person>(
    'select user_id as id, name, security_epoch as epoch from trellis.credential where active order by name, user_id',
  );
}

/** Users as the transaction sees them; those for whom there is no time are left out. */
export async function actorsOf(
  deps: RecordsDeps,
  tx: Tx,
  people: readonly Person[],
  deadline: Deadline,
): Promise<Map<string, UserActor>> {
  const actors = new Map<string, UserActor>();
  for (let start = 0; start < people.length && !(await deadline.isOver()); start += loadedAtOnce) {
    const ids = people.slice(start, start + loadedAtOnce).map(({ id }) => id);
    for (const [id, actor] of await deps.actors.loadAll(ids, tx)) actors.set(id, actor);
  }
  return actors;
}
