import { createHash } from 'node:crypto';

/** What of an entry its link of the chain is made of. All as text, as the database says it. */
export interface Linked {
  /** Place in the chain, from 1. */
  readonly seq: string;
  readonly id: string;
  /** Microseconds since 1970. */
  readonly at: string;
  readonly kind: string;
  readonly actor: string | null;
  readonly requestId: string | null;
  /** sha256(salt || payload), hexadecimal. */
  readonly payloadHash: string;
}

/** What the first entry is linked to. */
export const genesis = Buffer.alloc(32);

/** sha256(hash before || contents): changes with every entry before it, with its place and with each of its parts. */
export function linkHash(before: Buffer, { seq, id, at, kind, actor, requestId, payloadHash }: Linked): Buffer {
  // JSON sets the parts apart, so that no two entries have the same bytes.
  const contents = JSON.stringify([seq, id, at, kind, actor, requestId, payloadHash]);
  return createHash('sha256').update(before).update(contents, 'utf8').digest();
}

/** What an entry keeps of its payload. */
export function hashPayload(salt: Buffer, payload: string): Buffer {
  return createHash('sha256').update(salt).update(payload, 'utf8').digest();
}

/** A run of places, both ends included. */
export type Range = readonly [from: number, to: number];

/** Runs of rising places, and those that touch made one. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** The first of `ranges` that does not lie within one of `among`, which are merged; null where all do. */
export function uncovered(ranges: readonly Range[], among: readonly Range[]): Range | null {
  let i = 0;
  for (const range of [...ranges].sort((a, b) => a[0] - b[0])) {
    while (i < among.length && among[i][1] < range[1]) i++;
    if (i === among.length || among[i][0] > range[0]) return range;
  }
  return null;
}
