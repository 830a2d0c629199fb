import { conflict, invalid } from '../../base/errors.js';
import type { Ctx, Tx } from '../../sdk/index.js';
import { runDdl } from '../../storage/index.js';
import { workspaceLayer } from '../../schema/index.js';
import { withLast } from '../last-fields.js';
import { bumpEpoch, readEpoch, writeLayer, writeNodes } from '../layer-store.js';
import { exclusiveLock, lockTimeoutMs, withRetry } from '../with-retry.js';
import { writeChange, writeTouches, type Decision } from './change-store.js';
import { writeDecision } from './conflict-store.js';
import type { ChangesDeps } from './deps.js';
import { inverseOf, touchesOf } from './diff-touched.js';
import { findOvertaken, mustNotBeOvertaken } from './overtaken.js';
import { mustBeEpoch, planTables, unknownNames } from './plan-change.js';
import { authorOf, beginPreparing, seenOf } from './prepare-tables.js';
import { prepareChange, type Prepared, type Standing } from './prepare.js';
import type { Book, ChangeInput, ChangeProblem } from './types.js';

/** An apply, and what stands in the history of it beside the input. */
export interface ApplyInput extends ChangeInput {
  readonly reverts?: string;
  readonly book?: Book;
  /** Who made it, where that is not the actor; null: the system. */
  readonly by?: string | null;
  /** Makes the operations anew from what stands when they are applied; absent: they are as given. */
  readonly compose?: (standing: Standing) => ChangeInput['operations'];
  /** True: rules must name roles, teams and territories that are there. Absent: those that stood, or come from elsewhere, may wait for them. */
  readonly checksNames?: boolean;
  /** The choice in a conflict that it carries out, written down with it. */
  readonly decides?: Decision;
}

const maxAttempts = 20;
/** Names of definitions in one entry of the audit. */
const documentsAtMost = 200;
/** Types of definitions that say who may see and do what. */
const decidesAccess = /^(role|sharing|restriction)/;

/**
 * Applies operations: folded and checked without a lock, then written under the exclusive lock of the catalog if nobody else
 * changed it meanwhile, else from the beginning. Layer, ids, tables, history and epoch are one transaction. Where values must be
 * copied first, that is begun and the change set waits as `preparing` (see `finishPreparing`). Returns the id of the change
 * set. Throws change.refused, catalog.changed, change.overtaken, catalog.values_lost, catalog.duplicates.
 */
export async function applyChange(deps: ChangesDeps, ctx: Ctx, input: ApplyInput): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const standing = await deps.standing();
    mustBeEpoch(standing, input.epoch);
    const operations = input.compose?.(standing) ?? input.operations;
    mustNotBeOvertaken(await findOvertaken(deps, standing, { operations, basis: input.basis }));
    const prepared = prepareChange(standing, { ...input, operations });
    mustFit(prepared.problems);
    if (input.checksNames) mustFit(await unknownNames(deps, prepared));
    const id = input.draft ?? ctx.newId();
    const done = await withRetry(deps, () =>
      deps.db.transaction((tx) => writeAll(deps, tx, ctx, { ...input, operations }, prepared, id), {
        opening: exclusiveLock,
        lockTimeoutMs,
        retries: 0,
      }),
    );
    if (done === 'unprepared') {
      if (await beginPreparing(deps, ctx, { ...input, operations }, prepared, id)) return id;
      continue;
    }
    await deps.catalog.reload();
    if (done === 'done') return id;
    if (attempt >= maxAttempts)
      throw conflict('catalog.busy', 'Others change the catalog all the time.', { hint: 'Try again.' });
  }
}

/** `changed`: the catalog is no longer the one that was prepared for. `unprepared`: values must be copied first. Neither wrote. */
async function writeAll(
  deps: ChangesDeps,
  tx: Tx,
  ctx: Ctx,
  input: ApplyInput,
  prepared: Prepared,
  id: string,
): Promise<'done' | 'changed' | 'unprepared'> {
  const { standing, composed, nodes, purged, operations } = prepared;
  if ((await readEpoch(tx)) !== standing.stored.epoch) return 'changed';
  const ddl = await planTables(deps, tx, prepared, false);
  mustFit(ddl.problems);
  if (ddl.preparation !== null) return 'unprepared';
  await runDdl(tx, ddl.steps);
  await writeLayer(tx, workspaceLayer, composed.layer);
  await writeNodes(tx, [
    ...purged.nodes.map((node) => ({ ...node, state: 'purged' as const, last: null })),
    ...withLast(nodes.upserts, () => standing.catalog),
  ]);
  const epoch = await bumpEpoch(tx);
  const by = authorOf(ctx, input);
  await writeChange(tx, {
    id,
    state: 'applied',
    reason: input.reason,
    operations,
    inverse: inverseOf(composed.touched),
    by,
    at: ctx.now(),
    epoch,
    reverts: input.reverts ?? null,
    revertible: purged.nodes.length === 0,
    seen: seenOf(input),
  });
  await writeTouches(tx, id, touchesOf(composed.touched, standing.below));
  if (input.reverts === undefined) await dropEarlierHolders(tx, newRoles(prepared));
  if (input.decides) await writeDecision(tx, ctx, { ...input.decides, by, changeSet: id, book: input.book });
  await input.book?.audit?.append(tx, {
    kind: input.reverts === undefined ? 'catalog.applied' : 'catalog.reverted',
    actor: by,
    requestId: ctx.requestId,
    payload: {
      changeSet: id,
      epoch,
      reason: input.reason,
      operations: operations.length,
      documents: namesOf(composed.touched),
      ...(input.reverts ? { reverts: input.reverts } : {}),
    },
  });
  const access = composed.touched.filter(({ type }) => decidesAccess.test(type));
  if (access.length > 0)
    await input.book?.audit?.append(tx, {
      kind: 'access.changed',
      actor: by,
      requestId: ctx.requestId,
      payload: { changeSet: id, documents: namesOf(access) },
    });
  return 'done';
}

function newRoles({ standing, composed }: Prepared): string[] {
  const known = standing.catalog.definitions('role');
  return composed.touched.flatMap(({ type, id }) => (type === 'role' && !known.has(id) ? [id] : []));
}

/** A role that is made anew under an earlier one's name is nobody's yet, and nothing of elsewhere gives it. (Taking back that it was removed brings back the same one.) */
async function dropEarlierHolders(tx: Tx, roles: readonly string[]): Promise<void> {
  if (roles.length === 0) return;
  await tx.query(
    `with gone as (delete from trellis.user_role where role = any($1::text[]) returning user_id),
of_teams as (delete from trellis.directory_role where role = any($1::text[])),
of_providers as (
  update trellis.identity_provider set settings = settings || jsonb_build_object(
    'roleMap', (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each_text(settings->'roleMap') where value <> all($1::text[])),
    'defaultRoles', (select coalesce(jsonb_agg(r), '[]') from jsonb_array_elements_text(settings->'defaultRoles') r where r <> all($1::text[])))
  where exists (select from jsonb_each_text(settings->'roleMap') where value = any($1::text[])) or settings->'defaultRoles' ?| $1::text[]
)
update trellis.credential set security_epoch = security_epoch + 1 where user_id in (select user_id from gone)`,
    [roles],
  );
}

function namesOf(touched: Prepared['composed']['touched']): string[] {
  return touched.slice(0, documentsAtMost).map(({ type, id }) => `${type}:${id}`);
}

/** Throws change.refused with every problem as an issue `type:id#pointer`. */
export function mustFit(problems: readonly ChangeProblem[]): void {
  if (problems.length === 0) return;
  const issues = problems
    .slice(0, 200)
    .map(({ type, id, at, code, message }) => ({ path: `${type}:${id}#${at}`, code, message }));
  throw invalid(
    'change.refused',
    `${problems.length} thing${problems.length === 1 ? ' does' : 's do'} not fit: ${issues[0].path}: ${issues[0].message}`,
    { issues, hint: 'Plan it to see everything that would break.' },
  );
}
