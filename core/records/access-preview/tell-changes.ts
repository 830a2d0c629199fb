import type { AccessChange } from '../../../schemas/studio.js';
import { isNoRight } from './compare-entity.js';
import type { Count } from './count-rows.js';
import type { Deadline } from './deadline.js';
import type { Kind, Pair } from './kinds.js';
import type { Comparison, Look, Lookout, Operation } from './look.js';

/** Entries of the answer. */
const toldAtMost = 10_000;

/** What users gain and lose, by kind; those whose fields or operations change come first, since rows may be left uncounted. */
export async function tellChanges(
  { ctx }: Comparison,
  lookout: Lookout,
  kinds: readonly Kind[],
  deadline: Deadline,
): Promise<{ examined: number; further: number; changes: AccessChange[] }> {
  let examined = 0;
  const found: { kind: Kind; pair: Pair; looks: Look[] }[] = [];
  for (const kind of kinds) {
    if (await deadline.isOver()) break;
    const looks = await lookout.look(kind);
    examined += kind.pairs.length;
    if (looks.length > 0) found.push(...kind.pairs.map((pair) => ({ kind, pair, looks })));
  }
  const hasRights = ({ looks }: { looks: Look[] }): boolean => looks.some(({ rights }) => !isNoRight(rights));
  const changes: AccessChange[] = [];
  let further = 0;
  for (const { kind, pair, looks } of [...found.filter(hasRights), ...found.filter((one) => !hasRights(one))]) {
    const isOver = await deadline.isOver();
    // Nobody is left to be told.
    if (ctx.signal.aborted) break;
    if (changes.length + looks.length > toldAtMost) {
      further++;
      continue;
    }
    const user = { id: pair.person.id, title: pair.person.name };
    for (const look of looks) {
      const count = async (operation: Operation): Promise<Count | null> =>
        isOver && look.differs.has(operation) ? null : lookout.rows(kind, pair, look, operation);
      const [read, update] = [await count('read'), await count('update')];
      const { entity, rights } = look;
      const fieldsByRecord = look.fieldsByRecord === 'ways' ? (read?.isTouched ?? true) : look.fieldsByRecord;
      const isSame = [read, update].every((each) => each?.rows.gained === 0 && each.rows.lost === 0);
      if (isSame && !fieldsByRecord && isNoRight(rights)) continue;
      const rows = { read: read && read.rows, update: update && update.rows };
      changes.push({ user, entity: entity.id, ...rows, ...rights, fieldsByRecord });
    }
  }
  return { examined, further, changes };
}
