import type { Issue } from '../base/errors.js';
import { anyOf, decidingKeys, groupsOf, rowPredicate, Sql } from '../query/index.js';
import type { Ctx } from '../sdk/index.js';
import type { Draft } from './draft.js';
import type { Write } from './prepare.js';

/**
 * True where a row that was written may lie outside of what the actor may write, so that the database must be asked. It need not be
 * where nothing that decides changed, where the actor or its team is the owner, or where a record is given away by whom may do so.
 */
export function needsScopeCheck(write: Write<Ctx>, draft: Draft): boolean {
  const { scope, operation } = write;
  const { rows } = scope;
  if (rows.kind === 'all') return false;
  if (rows.kind === 'none') return true;
  if (operation === 'update') {
    if (mayGiveAway(write, draft)) return false;
    const keys = decidingKeys(scope);
    if (keys !== null && ![...draft.changed].some((key) => keys.has(key))) return false;
  }
  if (rows.only.length > 0) return true;
  const owner = (draft.next.ownerId as { id?: string } | null | undefined)?.id;
  const own = rows.parts.find(({ rows: { by } }) => by === 'owners');
  const isOwn = own?.rows.by === 'owners' && owner !== undefined && own.rows.principals.includes(owner);
  return !isOwn || (operation === 'create' && [...draft.asked].some((key) => !own.fields.has(key)));
}

/** Findings for rows, just written, that the actor may not have written so: id → finding. */
export async function rowsOutOfScope(write: Write, drafts: readonly Draft[]): Promise<Map<string, Issue>> {
  const asked = drafts.filter((draft) => needsScopeCheck(write, draft));
  const found = new Map<string, Issue>();
  if (asked.length === 0) return found;
  const { deps, ctx, catalog, scope, entity } = write;
  const env = deps.access.env(ctx, catalog);
  const sql = new Sql();
  const within = rowPredicate(sql, env, scope, 't');
  const groups = groupsOf(scope);
  const reached = groups.map(({ parts }) => anyOf(sql, env, scope, parts, 't'));
  const rows = await ctx.tx.query<{ id: string; within: boolean; reached: boolean[] }>(
    `select t.id, (${within}) as within, array[${reached.join(', ')}]::boolean[] as reached from ${entity.source} t where t.id in (select unnest(${sql.param(
      asked.map(({ id }) => id),
      'uuid[]',
    )}))`,
    sql.values,
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const draft of asked) {
    const row = byId.get(draft.id);
    if (row?.within !== true) found.set(draft.id, outOfScope(draft));
    else if (write.operation === 'create') {
      const fields = groups.filter((_, i) => row.reached[i]).map((group) => group.fields);
      const key = [...draft.asked].find((each) => !fields.some((set) => set.has(each)));
      if (key !== undefined) found.set(draft.id, readOnly(key));
    }
  }
  return found;
}

/** Fields as the actor may set them in a row that it reaches by some of the groups of parts; null: by all of them. */
export function settableIn(write: Write<Ctx>, reached: readonly boolean[] | null): Write['fields'] {
  if (reached === null) return write.fields;
  const sets = groupsOf(write.scope).filter((_, i) => reached[i]);
  return new Map(
    [...write.fields].map(([key, level]) => [
      key,
      level === 'edit' && !sets.some(({ fields }) => fields.has(key)) ? 'read' : level,
    ]),
  );
}

/** Giving a record to another owner is all that is done, and the actor may. */
function mayGiveAway({ deps, ctx, catalog, entity }: Write<Ctx>, { changed }: Draft): boolean {
  return changed.size === 1 && changed.has('ownerId') && deps.access.may(ctx, catalog, entity.id, 'assign');
}

function outOfScope(draft: Draft): Issue {
  return {
    path: draft.changed.has('ownerId') ? 'ownerId' : '',
    code: 'access.out_of_scope',
    message: 'So written, the record would not be within your reach; you may not write it so.',
  };
}

function readOnly(key: string): Issue {
  return { path: key, code: 'field.read_only', message: `"${key}" cannot be changed by you.`, params: { field: key } };
}
