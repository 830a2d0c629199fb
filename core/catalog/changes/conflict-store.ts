import { conflict } from '../../base/errors.js';
import { uuidv7 } from '../../base/ids.js';
import type { ParkedOperation, UpgradeQuestion } from '../../schema/index.js';
import type { Tx } from '../../sdk/index.js';
import type { Ask } from './change-store.js';

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
}

/** A row to be written, its id made here. */
export type NewConflict = Omit<ConflictRow, 'id'>;

/** All conflicts, undecided ones first, then the newest. */
export async function readConflicts(ask: Ask, id?: string): Promise<ConflictRow[]> {
  const rows = await ask<{ row: Nullable<ConflictRow> }>(readSql, [id ?? null]);
  return rows.map(({ row }) => {
    const { base, vendor, local, parked, ...rest } = row;
    const values = Object.entries({ base, vendor, local }).filter(([, value]) => value !== null);
    return { ...rest, parked: parked ?? [], ...Object.fromEntries(values) } as ConflictRow;
  });
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

/** Writes a choice down. What was parked is settled with it. Throws conflict.decided where the other side was chosen meanwhile. */
export async function writeChoice(
  tx: Pick<Tx, 'query'>,
  input: { readonly id: string; readonly choice: 'local' | 'vendor'; readonly by: string | null; readonly at: Date },
): Promise<void> {
  const decided = await tx.query(
    `update trellis.catalog_conflict set choice = $2, decided_by = $3, decided_at = $4, parked = null
where id = $1 and (choice is null or choice = $2) returning id`,
    [input.id, input.choice, input.by, input.at],
  );
  if (decided.length === 0) throw decidedAlready();
}

/** The refusal of a choice after the other side was chosen. */
export function decidedAlready(): Error {
  return conflict('conflict.decided', 'This was decided already; change the property itself instead.');
}

type Nullable<T> = { [K in keyof T]: T[K] | null } & Pick<T, never>;

const readSql = `
select json_build_object('id', id, 'plugin', plugin, 'fromVersion', from_version, 'toVersion', to_version, 'kind', kind, 'type', type,
  'target', target, 'at', at, 'base', base, 'vendor', vendor, 'local', local, 'parked', parked, 'choice', choice) as row
from trellis.catalog_conflict where $1::uuid is null or id = $1
order by choice is not null, created_at desc, id desc limit 2000`;

const insertSql = `
insert into trellis.catalog_conflict (id, plugin, from_version, to_version, kind, type, target, at, base, vendor, local, parked, choice)
select id, plugin, from_version, to_version, kind, type, target, at, base, vendor, local, parked, choice
from json_to_recordset($1::json) as r(id uuid, plugin text, from_version text, to_version text, kind text, type text, target text,
  at text, base json, vendor json, local json, parked json, choice text)`;
