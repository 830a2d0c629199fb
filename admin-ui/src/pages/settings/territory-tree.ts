import { linkOf, type RecordData } from '../../api/index.js';

/** A territory at its place in the tree; `depth` 0 is the top. */
export interface Placed {
  readonly row: RecordData;
  readonly id: string;
  readonly name: string;
  readonly depth: number;
  /** Id of what it is part of, as far as that is shown. */
  readonly parent: string | null;
}

/** Territories, each followed by those below it, in the order given otherwise. What is above and not among them is passed over. */
export function inTree(rows: readonly RecordData[]): Placed[] {
  const known = new Set(rows.map(({ id }) => String(id)));
  const below = new Map<string | null, RecordData[]>();
  for (const row of rows) {
    const above = linkOf(row.parent)?.id ?? null;
    const key = above !== null && known.has(above) ? above : null;
    below.set(key, [...(below.get(key) ?? []), row]);
  }
  const placed: Placed[] = [];
  const place = (parent: string | null, depth: number): void => {
    for (const row of below.get(parent) ?? []) {
      const id = String(row.id);
      placed.push({ row, id, name: String(row.name), depth, parent });
      place(id, depth + 1);
    }
  };
  place(null, 0);
  return placed;
}

/** What a territory can become part of: all but itself and what is below it. */
export function possibleParents(tree: readonly Placed[], id: string | null): Placed[] {
  const within = new Set<string | null>([id]);
  return tree.filter((each) => {
    if (id === null || (each.id !== id && !within.has(each.parent))) return true;
    within.add(each.id);
    return false;
  });
}
