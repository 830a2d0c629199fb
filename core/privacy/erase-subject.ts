import { eraseAudit } from '../audit/index.js';
import { conflict } from '../base/errors.js';
import type { SubjectRef } from '../sdk/index.js';
import { inSystem, type Inside, type PrivacyDeps } from './deps.js';
import { keepAnAdministrator } from './guard-users.js';
import { entityOf, idsOf, reachOf, ruleOf, type Reach } from './plan.js';
import type { Ctx } from '../sdk/index.js';

/** What became of one person: `delete contacts.contact` or a place → number; contents that nobody needs any more. */
export interface Erased {
  readonly counts: Record<string, number>;
  readonly blobs: string[];
}

export interface EraseOptions {
  readonly requestId: string;
  /** True: nobody works on this database, whatever it says. */
  readonly isAlone?: boolean;
}

/**
 * Erases one person with everything that belongs to it, in the caller's transaction: rows, their history and search, traces in other
 * rooms. Contents of files come back, to be removed after the commit. A person that is there no more may have left traces, so
 * nothing is asked first. Throws privacy.busy where somebody works with a trace just now.
 */
export async function eraseSubject(
  deps: PrivacyDeps,
  inside: Inside,
  subject: SubjectRef,
  { requestId, isAlone = false }: EraseOptions,
): Promise<Erased> {
  const people = { entity: subject.entity, ids: [subject.id] };
  if (!isAlone) await keepAnAdministrator(inside, people, true);
  const reach = await reachOf(deps, inside, people);
  const counts: Record<string, number> = {};
  await eraseTraces(deps, inside, reach, { counts, isAlone });
  const isHeld = (await deps.records.personal.holders(inside, people, reach.belongings)).length > 0;
  const blobs: string[] = [];
  // What belongs to the person before the person, so that links do not keep it.
  for (const [id, ids] of [...reach.belongings].reverse()) {
    const entity = entityOf(deps, id);
    const rule = isHeld && id === subject.entity && ruleOf(entity) === 'delete' ? 'anonymise' : ruleOf(entity);
    if (rule === 'keep') {
      const forDays = entity.privacy?.keepForDays;
      await noteKept(deps, inside, { entity: id, ids: [...ids], forDays, requestId });
      counts[`keep ${id}`] = ids.size;
      continue;
    }
    const { count, hashes } = await deps.records.personal.erase(inside, { entity: id, ids: [...ids], how: rule });
    if (count > 0) counts[`${rule} ${id}`] = count;
    blobs.push(...hashes);
  }
  return { counts, blobs };
}

/** Kept uploads of imports that name the person; outside of a transaction, because files know none. */
export async function eraseUploads(
  deps: PrivacyDeps,
  ctx: Ctx,
  subject: SubjectRef,
  options: Pick<EraseOptions, 'isAlone'> = {},
): Promise<number> {
  const { terms } = await inSystem(deps, ctx, 'erase a person', (inside) =>
    reachOf(deps, inside, { entity: subject.entity, ids: [subject.id] }),
  );
  return terms.length === 0 ? 0 : deps.exchange.forgetUploads(terms, options);
}

async function eraseTraces(
  deps: PrivacyDeps,
  inside: Inside,
  reach: Reach,
  { counts, isAlone }: { counts: Record<string, number>; isAlone: boolean },
): Promise<void> {
  const values = [idsOf(deps, reach), reach.patterns];
  for (const { place, needs, countText, busyText, eraseTexts } of deps.traces) {
    if (needs !== undefined && !(await isThere(inside, needs))) continue;
    if (!isAlone && busyText !== null && (await inside.tx.query(busyText, values)).length > 0)
      throw conflict('privacy.busy', `The person is being dealt with just now (${place}).`, {
        hint: 'It is tried again.',
        params: { place },
      });
    const [{ n }] = await inside.tx.query<{ n: number }>(countText, values);
    if (n === 0) continue;
    for (const text of eraseTexts) await inside.tx.query(text, values);
    counts[place] = n;
  }
  await eraseAudit(deps.database, inside, {
    ids: idsOf(deps, reach),
    texts: reach.terms,
    reason: 'erasure of a person',
  });
}

async function isThere(inside: Inside, table: string): Promise<boolean> {
  const [row] = await inside.tx.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table]);
  return row.there;
}

async function noteKept(
  deps: PrivacyDeps,
  inside: Inside,
  kept: { entity: string; ids: readonly string[]; forDays: number | undefined; requestId: string },
): Promise<void> {
  const { entity, ids, forDays, requestId } = kept;
  if (forDays === undefined) return;
  const made = await deps.records.personal.madeAt(inside, entity, ids);
  await inside.tx.query(
    `insert into trellis.privacy_kept (record_id, entity, request_id, until)
select id, $2, $3, at + make_interval(days => $4) from jsonb_to_recordset($1::jsonb) as m (id uuid, at timestamptz) on conflict (record_id) do nothing`,
    [JSON.stringify(made), entity, requestId, forDays],
  );
}
