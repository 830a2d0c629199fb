import { conflict } from '../../base/errors.js';
import { uuidv7 } from '../../base/ids.js';
import type { ParkedOperation, UpgradeQuestion } from '../../schema/index.js';
import type { Ctx, Tx } from '../../sdk/index.js';
import type { Ask, Decision } from './change-store.js';
import type { Book, UpgradeConflict } from './types.js';

/** A row of `trellis.catalog_conflict`. */
export interface ConflictRow {
  readonly id: string;
  readonly plugin: string;
  readonly fromVersion: string;
  readonly toVersion: string;
  readonly kind: UpgradeQuestion['kind'];
  readonly type: string;
  readonly target: string;
  readonly at: string;
  readonly base?: unknown;
  readonly vendor?: unknown;
  readonly local?: unknown;
  readonly parked: readonly ParkedOperation[];
  readonly choice: 'local' | 'vendor' | null;
  /** The change set that carries a choice out when its values are copied; null: none. */
  readonly preparing: string | null;
  /** Name of who chose, and when; null: nobody did. */
  readonly decided: { readonly by: string; readonly at: string } | null;
}

/** A row to be written, its id made here. */
export type NewConflict = Omit<ConflictRow, 'id' | 'preparing' | 'decided'>;

/** All conflicts, undecided ones first, then the newest. */
export async function readConflicts(ask: Ask, id?: string): Promise<ConflictRow[]> {
  const rows = await ask<{ row: Nullable<ConflictRow> }>(readSql, [id ?? null]);
  return rows.map(({ row }) => {
    const { base, vendor, local, parked, ...rest } = row;
    const values = Object.entries({ base, vendor, local }).filter(([, value]) => value !== null);
    return { ...rest, parked: parked ?? [], ...Object.fromEntries(values) } as ConflictRow;
  });
}

/** As it is told: without what was parked. */
export function shown({ parked: _, preparing, decided, ...row }: ConflictRow): UpgradeConflict {
  return { ...row, ...(preparing === null ? {} : { preparing }), ...(decided === null ? {} : { decided }) };
}

/** Replaces the undecided rows of these ids by new ones. */
export async function writeConflicts(
  tx: Pick<Tx, 'query'>,
  gone: readonly string[],
  made: readonly NewConflict[],
): Promise<void> {
  if (gone.length > 0) await tx.query(`delete from trellis.catalog_conflict where id = any($1::uuid[])`, [gone]);
  if (made.length === 0) return;
  const rows = made.map(({ fromVersion, toVersion, ...row }) => ({
    id: uuidv7(),
    ...row,
    from_version: fromVersion,
    to_version: toVersion,
    parked: row.parked.length === 0 ? null : row.parked,
  }));
  await tx.query(insertSql, [JSON.stringify(rows)]);
}

/**
 * Writes a choice down, and into the audit. What was parked is settled with it. Throws conflict.decided where the other side was
 * chosen meanwhile.
 */
export async function writeDecision(
  tx: Tx,
  ctx: Ctx,
  input: Decision & { readonly by: string | null; readonly changeSet: string | null; readonly book?: Book },
): Promise<void> {
  const { conflict: id, choice, by, changeSet } = input;
  const [row] = await tx.query<Record<'plugin' | 'from' | 'to' | 'type' | 'target' | 'at', string>>(
    `update trellis.catalog_conflict set choice = $2, decided_by = $3, decided_at = $4, parked = null
where id = $1 and (choice is null or choice = $2) returning plugin, from_version as "from", to_version as "to", type, target, at`,
    [id, choice, by, ctx.now()],
  );
  if (row === undefined) throw decidedAlready();
  const payload = { conflict: id, choice, ...row, ...(changeSet === null ? {} : { changeSet }) };
  await input.book?.audit?.append(tx, {
    kind: 'catalog.conflictDecided',
    actor: by,
    requestId: ctx.requestId,
    payload,
  });
}

/** The refusal of a choice after the other side was chosen. */
export function decidedAlready(): Error {
  return conflict('conflict.decided', 'This was decided already; change the property itself instead.');
}

type Nullable<T> = { [K in keyof T]: T[K] | null } & Pick<T, never>;

const readSql = `
select json_build_object('id', k.id, 'plugin', k.plugin, 'fromVersion', k.from_version, 'toVersion', k.to_version, 'kind', k.kind, 'type', k.type,
  'target', k.target, 'at', k.at, 'base', k.base, 'vendor', k.vendor, 'local', k.local, 'parked', k.parked, 'choice', k.choice,
  'preparing', (select c.id from trellis.change_set c where c.state = 'preparing' and c.decides ->> 'conflict' = k.id::text limit 1),
  'decided', case when decided_at is not null then json_build_object('by', coalesce(u.name, ''),
    'at', to_char(decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) end) as row
from trellis.catalog_conflict k left join trellis.credential u on u.user_id = k.decided_by where $1::uuid is null or k.id = $1
order by choice is not null, k.created_at desc, k.id desc limit 2000`;

const insertSql = `
insert into trellis.catalog_conflict (id, plugin, from_version, to_version, kind, type, target, at, base, vendor, local, parked, choice)
select id, plugin, from_version, to_version, kind, type, target, at, base, vendor, local, parked, choice
from json_to_recordset($1::json) as r(id uuid, plugin text, from_version text, to_version text, kind text, type text, target text,
  at text, base json, vendor json, local json, parked json, choice text)`;
