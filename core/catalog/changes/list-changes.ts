import { isUuid } from '../../base/ids.js';
import { missing } from '../../base/errors.js';
import { readChanges, type FoundChange } from './change-store.js';
import type { ChangesDeps } from './deps.js';
import { diffOfInverse } from './diff-touched.js';
import type { ChangeSet, ChangesQuery } from './types.js';

/** The history of change sets, newest first. */
export async function listChanges(
  deps: ChangesDeps,
  query: ChangesQuery,
): Promise<{ data: ChangeSet[]; page: { limit: number; next: string | null } }> {
  const limit = query.limit ?? 50;
  if (query.after !== undefined) mustBeId(query.after);
  const rows = await readChanges(deps.ask, { ...query, limit: limit + 1 });
  const data = rows.slice(0, limit).map(withoutInverse);
  return { data, page: { limit, next: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}

/** Throws change.not_found. */
export async function getChange(deps: ChangesDeps, id: string): Promise<ChangeSet> {
  return withoutInverse(await findChange(deps, id));
}

/** With what takes it back. Throws change.not_found. */
export async function findChange(deps: ChangesDeps, id: string): Promise<FoundChange> {
  mustBeId(id);
  const [found] = await readChanges(deps.ask, { id, limit: 1 });
  if (!found) throw notFound();
  return found;
}

function withoutInverse({ inverse, decides: _, ...change }: FoundChange): ChangeSet {
  return inverse === null ? change : { ...change, diff: diffOfInverse(inverse) };
}

function mustBeId(id: string): void {
  if (!isUuid(id)) throw notFound();
}

function notFound(): Error {
  return missing('change.not_found', 'There is no such change set.');
}
