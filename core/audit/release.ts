import { broken, invalid } from '../base/errors.js';
import type { Ctx, Json, Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { appendEntries } from './append.js';
import { mergeRanges, type Range } from './chain.js';
import { chainLock } from './seal.js';

/** Whose details are to go. */
export interface Erasure {
  /** These entries. */
  readonly entryIds?: readonly string[];
  /** Whatever names one of these records or users. What names others too and holds no more than ids and names of fields is left. */
  readonly ids?: readonly string[];
  /** Whatever holds one of these texts, in any case: addresses, names. Two letters at least. */
  readonly texts?: readonly string[];
  /** Why, for the entry about it; without personal data. */
  readonly reason: string;
}

/**
 * Entries about these records or users: those that name them, but for what names others too, or says of a user what it may, without
 * more than ids; and the sign-ins of these users, which say from where.
 */
export function namesText(ids: string): string {
  return `(p.records && ${ids}::uuid[] and e.kind not in ('user.rolesChanged', 'user.suspended', 'user.deleted', 'user.emailChanged', 'team.membersChanged', 'territory.membersChanged', 'password.reset')
    and (e.kind not in ('records.changed', 'records.read') or p.records <@ ${ids}::uuid[]))
  or (e.kind like 'session.%' and e.actor = any(${ids}::uuid[]))`;
}

/** Kinds that prove the rest: they are never erased, and kept for ever. */
export const lastingKinds: readonly string[] = ['audit.pruned', 'audit.erased', 'audit.retentionChanged'];
const entriesAtOnce = 500;
const rowsAtOnce = 2_000;

/**
 * Removes the details of entries and what salts their hashes; the entries and the chain stay, and an entry `audit.erased` says which. In the
 * transaction of `ctx` where there is one. Returns how many. Safe to repeat.
 */
export async function eraseEntries(database: Database, ctx: Ctx, input: Erasure): Promise<number> {
  if (input.texts?.some((text) => text.trim().length < 2))
    throw invalid('audit.text_too_short', 'A text to erase needs two letters at least.');
  const values = [input.entryIds ?? [], input.ids ?? [], (input.texts ?? []).map(asContained), lastingKinds];
  const step = async (tx: Tx): Promise<number> => {
    const ids = (await tx.query<{ id: string }>(erasableText, values)).map(({ id }) => id);
    if (ids.length === 0) return 0;
    await released(tx, () => tx.query('delete from trellis.audit_payload where entry_id = any($1::uuid[])', [ids]));
    const payload = { entries: ids, reason: input.reason };
    await appendEntries(tx, [{ ...about(ctx), kind: 'audit.erased', payload }]);
    return ids.length;
  };
  let erased = 0;
  for (;;) {
    const count = ctx.tx === null ? await database.transaction(step) : await step(ctx.tx);
    erased += count;
    if (count < entriesAtOnce) return erased;
  }
}

/**
 * Removes sealed entries that are older than their kind is kept, and writes checkpoints, from which the chain goes on. Each batch is one
 * transaction with an entry `audit.pruned` that names what went.
 */
export async function pruneEntries(database: Database, ctx: Ctx): Promise<number> {
  const rules = await database.query<{ kind: string; days: number }>({
    text: 'select kind, days from trellis.audit_retention where kind <> all($1::text[]) order by kind',
    values: [lastingKinds],
  });
  let pruned = 0;
  for (const { kind, days } of rules) {
    const before = new Date(ctx.now().getTime() - days * 86_400_000);
    let count = rowsAtOnce;
    while (count === rowsAtOnce && !ctx.signal.aborted) {
      count = await database.transaction((tx) => pruneBatch(tx, ctx, kind, before));
      pruned += count;
    }
  }
  return pruned;
}

async function pruneBatch(tx: Tx, ctx: Ctx, kind: string, before: Date): Promise<number> {
  await tx.query(`select pg_advisory_xact_lock(${chainLock})`);
  const rows = await tx.query<{ id: string; seq: string; hash: Buffer }>(
    `select id, seq, hash from trellis.audit_entry where kind = $1 and at < $2 and seq is not null order by seq limit ${rowsAtOnce}`,
    [kind, before],
  );
  if (rows.length === 0) return 0;
  const ranges = mergeRanges(rows.map(({ seq }): Range => [Number(seq), Number(seq)]));
  const hashes = new Map(rows.map(({ seq, hash }) => [Number(seq), hash]));
  await released(tx, async () => {
    await setCheckpoints(tx, ranges, hashes);
    await tx.query('delete from trellis.audit_entry where id = any($1::uuid[])', [rows.map(({ id }) => id)]);
  });
  const payload = { kind, before: before.toISOString(), count: rows.length, ranges: ranges.map(([a, b]) => [a, b]) };
  await appendEntries(tx, [{ ...about(ctx), kind: 'audit.pruned', payload }]);
  return rows.length;
}

/** Those that touch become one. */
async function setCheckpoints(tx: Tx, ranges: readonly Range[], hashes: Map<number, Buffer>): Promise<void> {
  const touching = await tx.query<{ from_seq: string; to_seq: string; hash: Buffer }>(
    `delete from trellis.audit_checkpoint c using json_to_recordset($1::json) as g (a bigint, b bigint)
where c.to_seq = g.a - 1 or c.from_seq = g.b + 1 returning c.from_seq, c.to_seq, c.hash`,
    [JSON.stringify(ranges.map(([a, b]) => ({ a, b })))],
  );
  for (const { to_seq, hash } of touching) hashes.set(Number(to_seq), hash);
  const all = mergeRanges([
    ...ranges,
    ...touching.map(({ from_seq, to_seq }): Range => [Number(from_seq), Number(to_seq)]),
  ]);
  await tx.query(
    `insert into trellis.audit_checkpoint (from_seq, to_seq, hash)
select a, b, decode(hash, 'hex') from json_to_recordset($1::json) as g (a bigint, b bigint, hash text)`,
    [
      JSON.stringify(
        all.map(([a, b]) => {
          const hash = hashes.get(b);
          if (hash === undefined) throw broken('audit.no_hash', `Place ${b} of the chain has no hash.`);
          return { a, b, hash: hash.toString('hex') };
        }),
      ),
    ],
  );
}

/** Only within: what guards the tables lets rows go. */
async function released(tx: Tx, work: () => Promise<unknown>): Promise<void> {
  await tx.query(`select set_config('trellis.audit_release', 'on', true)`);
  await work();
  await tx.query(`select set_config('trellis.audit_release', '', true)`);
}

/** Who does it, and when. */
export function about(ctx: Ctx): { at: Date; actor: string | null; requestId: string } {
  const { actor } = ctx;
  return {
    at: ctx.now(),
    actor: actor.kind === 'user' ? actor.userId : actor.onBehalfOf,
    requestId: ctx.requestId,
  };
}

/** A text as it stands within a JSON text, for `like`. */
function asContained(text: string): string {
  const json: Json = JSON.stringify(text.trim().toLowerCase()).slice(1, -1);
  return `%${json.replace(/[\\%_]/g, '\\$&')}%`;
}

const erasableText = `select e.id from trellis.audit_payload p join trellis.audit_entry e on e.id = p.entry_id
where e.kind <> all($4::text[]) and (
  e.id = any($1::uuid[])
  or ${namesText('$2')}
  or lower(p.payload) like any($3::text[]))
order by e.id limit ${entriesAtOnce} for update of p`;
