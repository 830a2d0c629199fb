import type { Ctx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { inSystem, type PrivacyDeps } from './deps.js';
import { eraseSubject, eraseUploads } from './erase-subject.js';
import { appendErasedList, readErasedList, type ErasedEntry } from './erased-list.js';

/**
 * Brings database and list together: whom the list names and the database does not know as erased came back with an older backup and is
 * erased again; what only the database knows is added to the list. Returns how many were erased again. Each is a transaction
 * with its mark, so that a start that breaks off goes on with the next.
 */
export async function reapplyErasures(deps: PrivacyDeps, ctx: Ctx): Promise<number> {
  const [listed, known] = await Promise.all([readErasedList(deps.dataDir), knownErased(deps.database)]);
  const knownIds = new Set(known.map(({ id }) => id));
  const back = new Map(listed.filter(({ id }) => !knownIds.has(id)).map((entry) => [entry.id, entry]));
  for (const entry of back.values()) await eraseAgain(deps, ctx, entry);
  const listedIds = new Set(listed.map(({ id }) => id));
  await appendErasedList(
    deps.dataDir,
    known.filter(({ id }) => !listedIds.has(id)),
  );
  if (back.size > 0) ctx.log.info({ people: back.size }, 'erasures applied again after a restore');
  return back.size;
}

async function eraseAgain(deps: PrivacyDeps, ctx: Ctx, entry: ErasedEntry): Promise<void> {
  const isThere = deps.catalog.current.schema.entities.has(entry.entity);
  if (isThere) await eraseUploads(deps, ctx, entry, { isAlone: true });
  const blobs = await inSystem(deps, ctx, 'erase again after a restore', async (inside) => {
    const requestId = inside.newId();
    const erased = isThere
      ? await eraseSubject(deps, inside, entry, { requestId, isAlone: true })
      : { counts: {}, blobs: [] };
    await inside.tx.query(markErasedText, [entry.id, entry.entity, entry.at, null]);
    await deps.audit.append(inside.tx, {
      kind: 'privacy.erasedAgain',
      actor: null,
      requestId: ctx.requestId,
      payload: { counts: erased.counts },
    });
    return erased.blobs;
  });
  await deps.files.forget(ctx.asSystem('erase again after a restore'), blobs);
}

/** $1 record, $2 entity, $3 instant, $4 request or null. */
export const markErasedText = `insert into trellis.erased_subject (record_id, entity, erased_at, request_id) values ($1, $2, $3, $4)
on conflict (record_id) do update set erased_at = excluded.erased_at, request_id = excluded.request_id`;

/** Everybody whom this database knows as erased. */
export async function knownErased(database: Pick<Database, 'query'>): Promise<ErasedEntry[]> {
  const rows = await database.query<{ entity: string; record_id: string; erased_at: Date }>({
    text: 'select entity, record_id, erased_at from trellis.erased_subject',
    values: [],
  });
  return rows.map((row) => ({ entity: row.entity, id: row.record_id, at: row.erased_at.toISOString() }));
}
