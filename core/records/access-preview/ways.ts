import type { FieldLevel, RowPart, RowScope } from '../../query/index.js';
import { conditionOf, reachedBy, type Reached, type Side } from './count-rows.js';

/** A condition by which rows are reached; `key` tells it from others. */
export interface Way {
  readonly key: string;
  readonly reached: Reached;
}

/** How two sides come to reach other rows. Where a restriction differs, each side is one way. */
export interface Difference {
  /** Ways of one side alone: no row of none of them, or of `moved`, can differ. */
  readonly apart: readonly Way[];
  /** Ways of the later side that read what is changed with it: which rows they reach then is taken down as long as that stands. */
  readonly moved: readonly (Way & { readonly isNew: boolean })[];
  /** What the later side reaches by all others. */
  readonly still: Reached;
  /** What restricts all of them. */
  readonly limits: Reached;
}

type Some = Extract<RowScope, { kind: 'some' }>;

/** Null: both sides reach the same. `isMoved`: true for the text of a condition that reads what is changed. */
export function differenceOf(
  before: Side | null,
  after: Side | null,
  isMoved: (text: string) => boolean,
): Difference | null {
  const [was, is] = [before, after].map((side) => conditionOf(reachedBy(side)));
  if (was.key === is.key && !isMoved(is.text)) return null;
  const limits = [before, after].flatMap((side) => (side ? [limitsOf(side)] : []));
  const texts = limits.map((reached) => conditionOf(reached));
  const isWhole = new Set(texts.map(({ key }) => key)).size > 1 || texts.some(({ text }) => isMoved(text));
  const [from, to] = [before, after].map((side) => (side === null ? [] : isWhole ? [wholeOf(side)] : waysOf(side)));
  const [known, kept] = [from, to].map((ways) => new Set(ways.map(({ key }) => key)));
  const isStill = ({ text }: Part): boolean => !isMoved(text);
  // Of owners, only those that came or went.
  const owners = isWhole ? null : ownersApart(before, after, [...from, ...to].filter(isStill));
  const isApart = (way: Part, others: ReadonlySet<string>): boolean =>
    !others.has(way.key) && !(owners !== null && way.isOwners);
  return {
    apart: [
      ...from.filter((way) => isApart(way, kept)),
      ...to.filter((way) => isStill(way) && isApart(way, known)),
      ...(owners ?? []),
    ],
    moved: to.filter((way) => !isStill(way)).map((way) => ({ ...way, isNew: !known.has(way.key) })),
    still: anyOf(to.filter(isStill)),
    limits: isWhole ? () => 'true' : (limits.at(-1) ?? (() => 'true')),
  };
}

/** True for rows that one of the ways reaches. */
export function anyOf(ways: readonly { readonly reached: Reached }[]): Reached {
  return (sql) => (ways.length === 0 ? 'false' : `(${ways.map(({ reached }) => reached(sql)).join(' or ')})`);
}

/** Which fields each way shows, by its key; `isEven`: the same ones in every row. */
export function fieldsByWay(side: Side | null): { isEven: boolean; fields: ReadonlyMap<string, string> } {
  const told = new Map<string, string>();
  if (side?.scope.rows.kind === 'some') {
    for (const part of side.scope.rows.parts) {
      const { key } = partOf(side, part);
      const fields = textOf(part.fields);
      const known = told.get(key);
      told.set(key, known === undefined || known === fields ? fields : [known, fields].sort().join());
    }
  } else if (side !== null) told.set(wholeOf(side).key, textOf(side.scope.fields));
  return { isEven: new Set(told.values()).size < 2, fields: told };
}

interface Part extends Way {
  readonly text: string;
  readonly isOwners: boolean;
}

function waysOf(side: Side): Part[] {
  const { rows } = side.scope;
  if (rows.kind !== 'some') return rows.kind === 'none' ? [] : [wholeOf(side)];
  const ways = new Map(rows.parts.map((part) => partOf(side, part)).map((way) => [way.key, way]));
  return [...ways.values()];
}

function partOf(side: Side, part: RowPart): Part {
  const reached = within(side, { kind: 'some', parts: [part], only: [] });
  return { ...conditionOf(reached), reached, isOwners: part.rows.by === 'owners' };
}

function wholeOf(side: Side): Part {
  const reached = reachedBy(side);
  return { ...conditionOf(reached), reached, isOwners: false };
}

function limitsOf(side: Side): Reached {
  const { rows } = side.scope;
  if (rows.kind !== 'some') return () => 'true';
  return within(side, { ...rows, parts: rows.parts.slice(0, 1).map((part) => ({ ...part, rows: { by: 'all' } })) });
}

/** Rows of owners that are among those of one side alone; null: owners are not told apart. */
function ownersApart(before: Side | null, after: Side | null, still: readonly Part[]): Way[] | null {
  const sides = [before, after].flatMap((side) =>
    side?.scope.rows.kind === 'some' ? [{ side, rows: side.scope.rows }] : [],
  );
  const parts = sides.flatMap(({ side, rows }) => {
    const part = rows.parts.find(({ rows: { by } }) => by === 'owners');
    return part?.rows.by === 'owners' ? [{ side, part, principals: part.rows.principals }] : [];
  });
  if (parts.length !== 2 || still.filter(({ isOwners }) => isOwners).length < 2) return null;
  const [was, is] = parts.map(({ principals }) => new Set(principals));
  const principals = [...was, ...is].filter((id) => !(was.has(id) && is.has(id)));
  if (principals.length === 0) return [];
  return [partOf(parts[0].side, { ...parts[0].part, rows: { by: 'owners', principals } })];
}

function within({ env, scope }: Side, rows: Some): Reached {
  return reachedBy({ env, scope: { ...scope, rows } });
}

/** What can be read; whether it can be set is asked of what can be changed. */
function textOf(fields: ReadonlyMap<string, FieldLevel>): string {
  return [...fields]
    .map(([key, level]) => (level === 'masked' ? `${key}:masked` : key))
    .sort()
    .join();
}
