import type { Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { genesis, hashPayload, linkHash, mergeRanges, uncovered, type Linked, type Range } from './chain.js';

/** The first thing that is wrong with the chain. */
export interface BrokenLink {
  /** Place in the chain. */
  readonly seq: number;
  /** Id of the entry, null where it is gone. */
  readonly entryId: string | null;
  /**
   * `entry`: it, its place, or one before it was changed. `missing`: it is not there, and no retention removed it. `payload`: its details were
   * changed. `payloadMissing`: its details are gone, and no erasure removed them. `tail`: the end of the chain is not the one that was
   * sealed. `checkpoint`: a run is called removed by retention that retention did not remove. `anchor`: the anchor is none of this chain.
   */
  readonly code: 'entry' | 'missing' | 'payload' | 'payloadMissing' | 'tail' | 'checkpoint' | 'anchor';
}

/** What a check of the chain found. */
export interface ChainCheck {
  readonly ok: boolean;
  /** The end of the chain that was checked; 0: nothing is sealed. */
  readonly upTo: number;
  /** `seq:hash` of the end: noted elsewhere, it proves later that nothing before it was changed. */
  readonly anchor: string;
  /** Entries that are there, whose details were erased, and that retention removed. */
  readonly entries: number;
  readonly erased: number;
  readonly pruned: number;
  readonly problem: BrokenLink | null;
}

const rowsAtOnce = 5_000;

/**
 * Follows the whole chain on one snapshot, holding up nobody, and names the first broken link. With an anchor, it must be a place of this
 * chain that is still there, or the end of what retention removed.
 */
export function verifyChain(database: Database, anchor?: Anchor): Promise<ChainCheck> {
  return database.transaction((tx) => follow(tx, anchor), {
    opening: 'set transaction isolation level repeatable read read only; select 1',
    retries: 0,
  });
}

/** A place of the chain as it was noted elsewhere. */
export interface Anchor {
  readonly seq: number;
  /** Hexadecimal. */
  readonly hash: string;
}

/** `seq:hash` read; null where it is no anchor. */
export function readAnchor(text: string): Anchor | null {
  const parts = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim().toLowerCase());
  return parts === null ? null : { seq: Number(parts[1]), hash: parts[2] };
}

interface Row extends Linked {
  readonly hash: string;
  readonly salt: Buffer | null;
  readonly payload: string | null;
  readonly erased: boolean;
}

async function follow(tx: Tx, anchor: Anchor | undefined): Promise<ChainCheck> {
  const [end] = await tx.query<{ seq: string; hash: Buffer }>('select seq, hash from trellis.audit_head');
  const upTo = Number(end.seq);
  const checkpoints = await tx.query<{ from: string; to: string; hash: Buffer }>(
    'select from_seq as "from", to_seq as "to", hash from trellis.audit_checkpoint order by from_seq',
  );
  const counts = { entries: 0, erased: 0, pruned: 0 };
  let place = 0;
  let before: Buffer = genesis;
  let isAnchored = anchor === undefined || (anchor.seq === 0 && anchor.hash === genesis.toString('hex'));
  const done = (problem: BrokenLink | null): ChainCheck => ({
    ok: problem === null,
    upTo,
    anchor: `${upTo}:${end.hash.toString('hex')}`,
    ...counts,
    problem,
  });
  const reach = (seq: number, hash: Buffer): void => {
    place = seq;
    before = hash;
    if (anchor?.seq === seq && anchor.hash === hash.toString('hex')) isAnchored = true;
  };
  const skip = (): void => {
    while (checkpoints[0] && Number(checkpoints[0].from) === place + 1) {
      const { from, to, hash } = checkpoints.shift() as (typeof checkpoints)[number];
      counts.pruned += Number(to) - Number(from) + 1;
      reach(Number(to), hash);
    }
  };
  const removed: Range[] = checkpoints.map(({ from, to }) => [Number(from), Number(to)]);
  for (;;) {
    const rows = await tx.query<Row>(rowsText, [place]);
    for (const row of rows) {
      skip();
      const seq = Number(row.seq);
      if (seq !== place + 1) return done({ seq: place + 1, entryId: null, code: 'missing' });
      const broken = judge(before, row);
      if (broken !== null) return done({ seq, entryId: row.id, code: broken });
      counts.entries++;
      if (row.payload === null) counts.erased++;
      reach(seq, Buffer.from(row.hash, 'hex'));
    }
    if (rows.length < rowsAtOnce) break;
  }
  skip();
  if (place !== upTo || !before.equals(end.hash)) {
    const seq = place < upTo ? place + 1 : upTo + 1;
    return done({ seq, entryId: null, code: 'tail' });
  }
  const stray = uncovered(removed, mergeRanges(await prunedRanges(tx)));
  if (stray !== null) return done({ seq: stray[0], entryId: null, code: 'checkpoint' });
  return done(isAnchored ? null : { seq: anchor?.seq ?? 0, entryId: null, code: 'anchor' });
}

function judge(before: Buffer, row: Row): BrokenLink['code'] | null {
  if (linkHash(before, row).toString('hex') !== row.hash) return 'entry';
  if (row.payload === null || row.salt === null) return row.erased ? null : 'payloadMissing';
  return hashPayload(row.salt, row.payload).toString('hex') === row.payloadHash ? null : 'payload';
}

/** What retention says that it has removed. */
async function prunedRanges(tx: Tx): Promise<Range[]> {
  const rows = await tx.query<{ payload: string }>(
    `select p.payload from trellis.audit_entry e join trellis.audit_payload p on p.entry_id = e.id where e.kind = 'audit.pruned'`,
  );
  return rows.flatMap(({ payload }) => (JSON.parse(payload) as { ranges?: Range[] }).ranges ?? []);
}

const rowsText = `select e.seq, e.id, (extract(epoch from e.at) * 1000000)::bigint::text as at, e.kind, e.actor, e.request_id as "requestId",
  encode(e.payload_hash, 'hex') as "payloadHash", encode(e.hash, 'hex') as hash, p.salt, p.payload,
  p.payload is null and exists (
    select 1 from trellis.audit_payload x join trellis.audit_entry y on y.id = x.entry_id
    where y.kind = 'audit.erased' and x.records @> array[e.id]) as erased
from trellis.audit_entry e left join trellis.audit_payload p on p.entry_id = e.id
where e.seq > $1 order by e.seq limit ${rowsAtOnce}`;
