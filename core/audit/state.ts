import type { Database } from '../storage/index.js';
import type { ChainCheck } from './verify.js';
import { invalid } from '../base/errors.js';
import type { Ctx } from '../sdk/index.js';
import { appendEntries } from './append.js';
import { about, lastingKinds } from './release.js';

/** Where the chain stands. Instants are ISO, UTC; null: never. */
export interface ChainState {
  /** Place of the last sealed entry; 0: none. */
  readonly seq: number;
  /** `seq:hash` of it, to be noted elsewhere. */
  readonly anchor: string;
  readonly sealedAt: string | null;
  /** Entries that wait to be sealed. */
  readonly waiting: number;
  /** Somebody asked for a check that has not come yet. */
  readonly isChecking: boolean;
  readonly checkedAt: string | null;
  readonly found: ChainCheck | null;
}

/** A kind of entry that there is, or that has a rule. */
export interface AuditKind {
  readonly kind: string;
  /** Days for which entries are kept; null: for ever. */
  readonly days: number | null;
  /** False: kept for ever, because the chain's proof needs them. */
  readonly canEnd: boolean;
}

export async function readState(database: Database): Promise<ChainState> {
  const [row] = await database.query<HeadRow>({ text: stateText, values: [] });
  return {
    seq: Number(row.seq),
    anchor: `${row.seq}:${row.hash.toString('hex')}`,
    sealedAt: row.sealed_at?.toISOString() ?? null,
    waiting: Number(row.waiting),
    isChecking: row.is_checking,
    checkedAt: row.checked_at?.toISOString() ?? null,
    found: row.found,
  };
}

/** Notes what a check found. */
export async function noteCheck(database: Database, found: ChainCheck): Promise<void> {
  await database.query({
    text: 'update trellis.audit_head set checked_at = clock_timestamp(), found = $1::json',
    values: [JSON.stringify(found)],
  });
}

/** All kinds that there are or that have a rule, by name. */
export async function listKinds(database: Database): Promise<AuditKind[]> {
  const rows = await database.query<{ kind: string; days: number | null }>({ text: kindsText, values: [] });
  return rows.map(({ kind, days }) => ({ kind, days, canEnd: !lastingKinds.includes(kind) }));
}

/** Says for how many days entries of a kind are kept, null: for ever; itself an entry. Throws audit.kind_lasts. */
export async function setRetention(
  database: Database,
  ctx: Ctx,
  { kind, days }: { kind: string; days: number | null },
): Promise<void> {
  if (lastingKinds.includes(kind))
    throw invalid('audit.kind_lasts', `Entries "${kind}" are kept for ever: they prove what was removed.`, {
      params: { kind },
    });
  await database.transaction(async (tx) => {
    const [old] = await tx.query<{ days: number }>('select days from trellis.audit_retention where kind = $1', [kind]);
    if ((old?.days ?? null) === days) return;
    if (days === null) await tx.query('delete from trellis.audit_retention where kind = $1', [kind]);
    else
      await tx.query(
        'insert into trellis.audit_retention (kind, days) values ($1, $2) on conflict (kind) do update set days = excluded.days',
        [kind, days],
      );
    const payload = { kind, days, before: old?.days ?? null };
    await appendEntries(tx, [{ ...about(ctx), kind: 'audit.retentionChanged', payload }]);
  });
}

interface HeadRow {
  readonly seq: string;
  readonly hash: Buffer;
  readonly sealed_at: Date | null;
  readonly waiting: string;
  readonly is_checking: boolean;
  readonly checked_at: Date | null;
  readonly found: ChainCheck | null;
}

const stateText = `select seq, hash, sealed_at, checked_at, found,
  coalesce(check_wanted_at > coalesce(checked_at, '-infinity'), false) as is_checking,
  (select count(*) from trellis.audit_entry where seq is null) as waiting
from trellis.audit_head`;

/** Looks into the index once a kind, not at every entry. */
const kindsText = `with recursive kinds as (
  (select kind from trellis.audit_entry order by kind limit 1)
  union all
  select (select e.kind from trellis.audit_entry e where e.kind > k.kind order by e.kind limit 1) from kinds k where k.kind is not null
)
select n.kind, r.days from (
  select kind from kinds where kind is not null union select kind from trellis.audit_retention
) n left join trellis.audit_retention r on r.kind = n.kind order by n.kind`;
