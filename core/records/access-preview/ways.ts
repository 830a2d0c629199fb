import type { FieldLevel, RowPart, RowScope } from '../../query/index.js';
import { conditionOf, reachedBy, type Reached, type Side } from './count-rows.js';

/** A condition by which rows are reached; `key` tells it from others. */
export interface Way {
  readonly key: string;
  readonly reached: Reached;
  /** `owner_id`: a row's owner alone decides. */
  readonly column: 'id' | 'owner_id';
  /** Its ids are known. */
  readonly isPlain?: boolean;
}

/** The rows with one of these ids in the column. */
export function wayTo(column: Way['column'], ids: readonly string[]): Way {
  const reached: Reached = (sql) => `t.${column} = any(${sql.param(ids, 'uuid[]')})`;
  return { key: conditionOf(reached).key, reached, column, isPlain: true };
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

/** What a change writes. */
export interface Change {
  /** True for the text of a condition that reads it. */
  isMoved(text: string): boolean;
  /** The rows themselves are changed, perhaps with their owners. */
  readonly hasRows: boolean;
}

/** Null: both sides reach the same. */
export function differenceOf(before: Side | null, after: Side | null, change: Change): Difference | null {
  const { isMoved } = change;
  const [was, is] = [before, after].map((side) => conditionOf(reachedBy(side)));
  if (was.key === is.key && !isMoved(is.text)) return null;
  const limits = [before, after].flatMap((side) => (side ? [limitsOf(side)] : []));
  const texts = limits.map((reached) => conditionOf(reached));
  const isWhole = new Set(texts.map(({ key }) => key)).size > 1 || texts.some(({ text }) => isMoved(text));
  const [from, to] = [before, after].map((side) =>
    side === null ? [] : isWhole ? [wholeOf(side)] : waysOf(side, change.hasRows),
  );
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

/** Ids that are in one of the sets alone. */
export function idsApart(a: readonly string[], b: readonly string[]): string[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [...a.filter((id) => !inB.has(id)), ...b.filter((id) => !inA.has(id))];
}

interface Part extends Way {
  readonly text: string;
  readonly isOwners: boolean;
}

function waysOf(side: Side, hasRows: boolean): Part[] {
  const { rows } = side.scope;
  if (rows.kind !== 'some') return rows.kind === 'none' ? [] : [wholeOf(side)];
  const ways = new Map(rows.parts.map((part) => partOf(side, part)).map((way) => [way.key, way]));
  return [...ways.values()].map((way) => (hasRows ? { ...way, column: 'id' } : way));
}

function partOf(side: Side, part: RowPart): Part {
  const reached = within(side, { kind: 'some', parts: [part], only: [] });
  const column = ['owners', 'reports', 'holders'].includes(part.rows.by) ? 'owner_id' : 'id';
  return { ...conditionOf(reached), reached, column, isOwners: part.rows.by === 'owners' };
}

function wholeOf(side: Side): Part {
  const reached = reachedBy(side);
  return { ...conditionOf(reached), reached, column: 'id', isOwners: false };
}

function limitsOf(side: Side): Reached {
  const { rows } = side.scope;
  if (rows.kind !== 'some') return () => 'true';
  return within(side, { ...rows, parts: rows.parts.slice(0, 1).map((part) => ({ ...part, rows: { by: 'all' } })) });
}

/** Rows of owners that are among those of one side alone; null: owners are not told apart. */
function ownersApart(before: Side | null, after: Side | null, still: readonly Part[]): Way[] | null {
  const owners = [before, after].flatMap((side) => {
    const parts = side?.scope.rows.kind === 'some' ? side.scope.rows.parts : [];
    const rows = parts.map((part) => part.rows).find(({ by }) => by === 'owners');
    return rows?.by === 'owners' ? [rows.principals] : [];
  });
  if (owners.length !== 2 || still.filter(({ isOwners }) => isOwners).length < 2) return null;
  const principals = idsApart(owners[0], owners[1]);
  return principals.length === 0 ? [] : [wayTo('owner_id', principals)];
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
