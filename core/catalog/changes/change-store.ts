import { conflict } from '../../base/errors.js';
import type { Statement, Tx } from '../../sdk/index.js';
import type { Operation } from '../../schema/index.js';
import type { ChangeInput, ChangeSet, WorkspaceOperation } from './types.js';

/** How one definition is taken back. */
export interface InverseOf {
  readonly type: string;
  readonly id: string;
  readonly steps: readonly InverseStep[];
}

/** One operation of it, and what it expects to find at its place; `expects` absent: nothing. */
export interface InverseStep {
  readonly operation: Operation;
  readonly expects?: unknown;
}

/** A row of `trellis.change_set` as it is written. */
export interface ChangeRow {
  readonly id: string;
  readonly state: ChangeSet['state'];
  readonly reason: string;
  readonly operations: readonly WorkspaceOperation[];
  readonly inverse: readonly InverseOf[] | null;
  readonly by: string | null;
  readonly at: Date;
  readonly epoch: number | null;
  readonly reverts: string | null;
  readonly revertible: boolean;
  /** Keys of the storage tasks that it waits for; absent: none. */
  readonly preparing?: readonly string[];
  /** What its author had read, while it waits: `type:id` → epoch; absent: not known. */
  readonly basis?: ChangeInput['basis'];
  /** The choice in a conflict that it carries out, while it waits; absent: none. */
  readonly decides?: Decision;
  /** Of a draft that it takes the place of: the instant at which the author saw it; absent: whatever stands. */
  readonly seen?: Date;
}

/** A side of an upgrade's conflict. */
export interface Decision {
  readonly conflict: string;
  readonly choice: 'local' | 'vendor';
}

/** A change set with what the list of them leaves out. */
export type FoundChange = ChangeSet & {
  readonly inverse: readonly InverseOf[] | null;
  readonly decides: Decision | null;
};

/** Asks, inside a transaction or outside of one. */
export type Ask = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** An `Ask` outside of transactions. */
export function askOf(db: { query<Row>(statement: Statement): Promise<Row[]> }): Ask {
  return <Row>(text: string, values: readonly unknown[] = []) => db.query<Row>({ text, values });
}

/** Writes one, or lets it take the place of its draft. Throws change.not_a_draft where that was applied meanwhile, change.draft_changed where somebody wrote it after `seen`, change.not_applied where what it takes back was taken back. */
export async function writeChange(tx: Pick<Tx, 'query'>, row: ChangeRow): Promise<void> {
  const written = await tx.query(writeSql, [
    row.id,
    row.state,
    row.reason,
    JSON.stringify(row.operations),
    row.inverse === null ? null : JSON.stringify(row.inverse),
    row.by,
    row.at,
    row.epoch,
    row.reverts,
    row.revertible,
    row.preparing ?? null,
    row.decides === undefined ? null : JSON.stringify(row.decides),
    row.seen ?? null,
    row.basis === undefined ? null : JSON.stringify(row.basis),
  ]);
  if (written.length === 0) throw row.seen === undefined ? notADraft() : await whyNot(tx, row.id);
  if (row.reverts === null || row.state !== 'applied') return;
  const takenBack = await tx.query(
    `update trellis.change_set set state = 'reverted', reverted_by = $2 where id = $1 and state = 'applied' returning id`,
    [row.reverts, row.id],
  );
  if (takenBack.length === 0) throw conflict('change.not_applied', 'Somebody else has taken it back meanwhile.');
}

/** The refusal of whoever wants to change or apply what was applied already. */
export function notADraft(): Error {
  return conflict(
    'change.not_a_draft',
    'This change set was applied, or is being prepared; only drafts can be changed.',
    {
      hint: 'Revert it, or make a new one.',
    },
  );
}

/** Of a draft that was not as its author saw it: applied, or written by somebody else. */
async function whyNot(tx: Pick<Tx, 'query'>, id: string): Promise<Error> {
  const [row] = await tx.query<{ state: string; name: string | null }>(
    `select c.state, u.name from trellis.change_set c left join trellis.credential u on u.user_id = c.created_by where c.id = $1`,
    [id],
  );
  if (row?.state !== 'draft') return notADraft();
  return conflict('change.draft_changed', `${row.name ?? 'Somebody'} has saved this draft since you opened it.`, {
    hint: 'Open it again, or keep yours as a draft of its own.',
    params: { by: row.name ?? '' },
  });
}

/** Newest first. `after`: the id of the last one of the page before. */
export async function readChanges(
  ask: Ask,
  query: { readonly id?: string; readonly state?: string; readonly after?: string; readonly limit: number },
): Promise<FoundChange[]> {
  const rows = await ask<StoredChange>(readSql, [
    query.id ?? null,
    query.state ?? null,
    query.after ?? null,
    query.limit,
  ]);
  return rows.map(({ user, name, at, epoch, reverts, reverted_by: revertedBy, problem, basis, ...rest }) => ({
    ...rest,
    by: user === null ? null : { id: user, title: name ?? '' },
    at: at.toISOString(),
    epoch: epoch === null ? null : Number(epoch),
    ...(reverts === null ? {} : { reverts }),
    ...(revertedBy === null ? {} : { revertedBy }),
    ...(problem === null ? {} : { problem }),
    ...(basis === null ? {} : { basis }),
  }));
}

/** What an applied change set did, as it is compared with what others would do. */
export interface AppliedChange extends Pick<ChangeSet, 'id' | 'by' | 'at' | 'reason'> {
  readonly epoch: number;
  readonly inverse: readonly InverseOf[];
}

/** Change sets that touched a definition after its epoch in `basis` (`type:id` → epoch), oldest first; of each only those definitions. */
export async function readAppliedSince(ask: Ask, basis: Readonly<Record<string, number>>): Promise<AppliedChange[]> {
  const rows = await ask<StoredChange>(sinceSql, [Math.min(...Object.values(basis)), JSON.stringify(basis)]);
  return rows.map(({ id, user, name, at, reason, epoch: made, inverse }) => ({
    id,
    by: user === null ? null : { id: user, title: name ?? '' },
    at: at.toISOString(),
    reason,
    epoch: Number(made),
    inverse: inverse ?? [],
  }));
}

/** Removes a draft; false where there is none of that id. */
export async function removeDraft(ask: Ask, id: string): Promise<boolean> {
  return (await ask(`delete from trellis.change_set where id = $1 and state = 'draft' returning id`, [id])).length > 0;
}

/** Notes who touched what: each pointer takes the place of those below it. `gone`: pointers that stand as below again. */
export async function writeTouches(
  tx: Pick<Tx, 'query'>,
  changeSet: string,
  touches: readonly { readonly type: string; readonly id: string; readonly pointer: string; readonly gone: boolean }[],
): Promise<void> {
  if (touches.length === 0) return;
  const given = JSON.stringify(touches);
  await tx.query(forgetSql, [given]);
  await tx.query(touchSql, [given, changeSet]);
}

/** Who touched a definition's properties last: pointer → change set. */
export async function readTouches(ask: Ask, type: string, id: string): Promise<Touch[]> {
  const rows = await ask<Omit<Touch, 'at' | 'by'> & { at: Date; user: string | null; name: string | null }>(
    touchesSql,
    [type, id],
  );
  return rows.map(({ at, user, name, ...rest }) => ({
    ...rest,
    at: at.toISOString(),
    by: user === null ? null : { id: user, title: name ?? '' },
  }));
}

export interface Touch {
  readonly pointer: string;
  readonly changeSet: string;
  readonly reason: string;
  readonly at: string;
  readonly by: { readonly id: string; readonly title: string } | null;
}

interface StoredChange {
  readonly id: string;
  readonly state: ChangeSet['state'];
  readonly reason: string;
  readonly operations: WorkspaceOperation[];
  readonly inverse: readonly InverseOf[] | null;
  readonly user: string | null;
  readonly name: string | null;
  readonly at: Date;
  readonly epoch: string | null;
  readonly reverts: string | null;
  readonly reverted_by: string | null;
  readonly problem: { code: string; message: string } | null;
  readonly revertible: boolean;
  readonly decides: Decision | null;
  readonly basis: Record<string, number> | null;
}

const writeSql = `
insert into trellis.change_set (id, state, reason, operations, inverse, created_by, at, epoch, reverts, revertible, preparing, decides, basis)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14)
on conflict (id) do update set state = excluded.state, reason = excluded.reason, operations = excluded.operations, inverse = excluded.inverse,
  created_by = excluded.created_by, at = excluded.at, epoch = excluded.epoch, reverts = excluded.reverts, revertible = excluded.revertible,
  preparing = excluded.preparing, decides = excluded.decides, basis = excluded.basis, problem = null
where (change_set.state = 'draft' and ($13::timestamptz is null or change_set.at = $13)) or (change_set.state = 'preparing' and excluded.state <> 'draft') returning id`;

const readSql = `
select c.id, c.state, c.reason, c.operations, c.inverse, c.created_by as "user", u.name, c.at, c.epoch, c.reverts, c.reverted_by, c.revertible, c.problem, c.decides, c.basis
from trellis.change_set c left join trellis.credential u on u.user_id = c.created_by
where ($1::uuid is null or c.id = $1) and ($2::text is null or c.state = $2)
  and ($3::uuid is null or (c.at, c.id) < (select b.at, b.id from trellis.change_set b where b.id = $3))
order by c.at desc, c.id desc limit $4`;

const sinceSql = `
select c.id, c.reason, k.inverse, c.created_by as "user", u.name, c.at, c.epoch
from trellis.change_set c left join trellis.credential u on u.user_id = c.created_by
cross join lateral (
  select json_agg(e.one order by e.place) as inverse from json_array_elements(c.inverse) with ordinality e(one, place)
  where c.epoch > ($2::jsonb ->> ((e.one ->> 'type') || ':' || (e.one ->> 'id')))::bigint
) k
where c.epoch > $1 and k.inverse is not null order by c.epoch`;

const forgetSql = `
delete from trellis.catalog_touch t using json_to_recordset($1::json) as g(type text, id text, pointer text)
where t.type = g.type and t.id = g.id and (t.pointer = g.pointer or starts_with(t.pointer, g.pointer || '/'))`;

const touchSql = `
insert into trellis.catalog_touch (type, id, pointer, change_set)
select distinct g.type, g.id, g.pointer, $2::uuid from json_to_recordset($1::json) as g(type text, id text, pointer text, gone boolean)
where not g.gone`;

const touchesSql = `
select t.pointer, t.change_set as "changeSet", c.reason, c.at, c.created_by as "user", u.name
from trellis.catalog_touch t join trellis.change_set c on c.id = t.change_set left join trellis.credential u on u.user_id = c.created_by
where t.type = $1 and t.id = $2`;
