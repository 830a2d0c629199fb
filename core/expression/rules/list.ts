import { converted, isConvertible, typedNull } from '../coercions.js';
import { Num } from '../decimal.js';
import type { Node } from '../node.js';
import { compareValues, lowerAscii, sameRecord } from '../order.js';
import type { Call, Match, MatchMode, Overload, Rule, Say, Sql } from '../overload.js';
import { on } from '../signature.js';
import { isUuid, linkEquals, paramText, pgType } from '../sql-types.js';
import { textLength } from '../text.js';
import type { ExprType, ExprValue } from '../types.js';

/** Up to here a list of constants is written out, one parameter each; longer ones are one array parameter. */
const longestWrittenOut = 8;
const count = { digits: () => ({ whole: 10, fraction: 0 }) };
const size = [
  on(
    'list -> number',
    (a: ExprValue[] | null) => new Num(a?.length ?? 0),
    (c) => `coalesce(cardinality(${c.arg(0)}), 0)::numeric`,
    { ...count, nulls: 'own', nullable: 'never' },
  ),
  on(
    'text -> number',
    (a: string) => new Num(textLength(a)),
    (c) => `char_length(${c.arg(0)})::numeric`,
    count,
  ),
];

/** Membership and size. A null list is an empty one; null is in no list. */
export const list: readonly Rule[] = [
  {
    name: 'in',
    form: 'operator',
    summary:
      "True where the left side is one of the list: stage in ['won', 'lost'], 'vip' in tags. Null is in no list.",
    overloads: [inItems(false), inItems(true), inList(false), inList(true)],
  },
  {
    name: 'size',
    form: 'function',
    summary: 'Number of values in a list, of characters in a text; an empty list has 0.',
    overloads: size,
  },
  { name: 'size', form: 'method', summary: 'The same, written tags.size().', overloads: size },
];

type Test = (a: string, b: string) => boolean;

/** `x in [a, b]`: x and the items become the arguments. */
function inItems(byId: boolean): Overload {
  const js = (x: ExprValue, ...rest: ExprValue[]): boolean => isIn(x, rest.slice(0, -1), byId ? sameRecord : null);
  const match = (args: readonly Node[], mode: MatchMode, say: Say): Match | null =>
    args.length === 2 && args[1].kind === 'list' ? matchItems(args[0], args[1].items, byId, mode, say) : null;
  return {
    ...on('T, ...T -> boolean', js, (c) => (byId ? idsSql(c) : itemsSql(c)), { nulls: 'own' }),
    signature: byId ? 'record, [text, …] -> boolean' : 'T, [T, …] -> boolean',
    match,
  };
}

/** `x in tags`: the list is a field. */
function inList(byId: boolean): Overload {
  const js = (x: ExprValue, items: ExprValue[] | null): boolean => isIn(x, items ?? [], byId ? sameRecord : null);
  const match = (args: readonly Node[], mode: MatchMode, say: Say): Match | null =>
    args.length === 2 && args[1].type.t === 'list' && args[1].kind !== 'list'
      ? matchList(args[0], args[1], args[1].type.of, byId, mode, say)
      : null;
  return {
    ...on('T, list -> boolean', js, (c) => (byId ? idInListSql(c) : `(${c.arg(1)} @> array[${c.arg(0)}])`), {
      nulls: 'own',
    }),
    signature: byId ? 'text, list of records -> boolean' : 'T, list of T -> boolean',
    match,
  };
}

function matchItems(x: Node, items: readonly Node[], byId: boolean, mode: MatchMode, say: Say): Match | null {
  const empty = items.find((item) => item.type.t === 'null');
  if (empty) throw say(empty, 'null cannot stand in a list: nothing is found by it.', 'Write … || ISBLANK(x).');
  if (!single.has(x.type.t)) return null;
  if (byId) return [x, ...items].every(isId) ? { args: [x, ...items], type: { t: 'boolean' } } : null;
  const shaped = items.map((item) => sameOrConverted(item, x.type, mode, say));
  return shaped.every((item) => item !== null) ? { args: [x, ...shaped], type: { t: 'boolean' } } : null;
}

function matchList(x: Node, items: Node, of: ExprType, byId: boolean, mode: MatchMode, say: Say): Match | null {
  if (!single.has(x.type.t) || !single.has(of.t)) return null;
  if (byId)
    return isId(x) && (of.t === 'record' || of.t === 'text') ? { args: [x, items], type: { t: 'boolean' } } : null;
  const shaped = sameOrConverted(x, of, mode, say);
  return shaped && { args: [shaped, items], type: { t: 'boolean' } };
}

const single = new Set(['number', 'text', 'boolean', 'date', 'dateTime', 'record', 'null']);

function isId(node: Node): boolean {
  return node.type.t === 'record' || node.type.t === 'text';
}

function sameOrConverted(node: Node, type: ExprType, mode: MatchMode, say: Say): Node | null {
  if (node.type.t === type.t || type.t === 'null') return node;
  if (node.type.t === 'null') return typedNull(node, type);
  return mode === 'convert' && isConvertible(node, type) ? converted(node, type, say) : null;
}

function isIn(x: ExprValue, items: readonly ExprValue[], byId: Test | null): boolean {
  if (x === null) return false;
  return items.some(
    (item) => item !== null && (byId ? byId(x as string, item as string) : compareValues(x, item) === 0),
  );
}

function itemsSql(c: Call): string | Sql {
  const values = constants(c);
  if (values !== null && c.nodes[0].type.t === 'record') return knownIdsSql(c, values);
  if (values === null)
    return `(${c.arg(0)} in (${c.nodes
      .slice(1)
      .map((_, i) => c.arg(i + 1))
      .join(', ')}))`;
  const isWhole =
    c.nodes[0].type.t === 'number' && c.nodes[0].kind === 'path' && values.every((text) => /^-?\d{1,18}$/.test(text));
  return amongSql(c, values, isWhole ? 'bigint' : pgType(c.nodes[0].type));
}

function idsSql(c: Call): string | Sql {
  const values = constants(c);
  if (values !== null && c.nodes[0].type.t === 'record') return knownIdsSql(c, values);
  const [x, ...items] = c.nodes.map((_, i) => idText(c.arg(i)));
  return `(${x} in (${items.join(', ')}))`;
}

/** A link among known ids: as uuids, so that an index serves it. */
function knownIdsSql(c: Call, values: readonly string[]): string | Sql {
  const ids = values.filter(isUuid).map(lowerAscii);
  const each = ids.length <= longestWrittenOut ? ids.map((id) => linkEquals(c, 0, id)) : [];
  if (each.length > 0 && each.every((sql) => sql !== null))
    return { sql: `(${each.map(({ sql }) => sql).join(' or ')})`, nullable: true };
  return amongSql(c, ids, 'uuid');
}

function idInListSql(c: Call): string {
  const id = c.constant(0);
  const ofRecords = c.nodes[1].type.t === 'list' && c.nodes[1].type.of.t === 'record';
  if (ofRecords && typeof id === 'string')
    return isUuid(id) ? `(${c.arg(1)} @> array[${c.env.param(lowerAscii(id), 'uuid')}])` : 'false';
  return `(lower(${c.arg(1)}::text collate "C")::text[] @> array[${idText(c.arg(0))}])`;
}

function idText(sql: string): string {
  return `lower(${sql}::text collate "C")`;
}

/** Texts of the items where all are known and nulls left out, or null. */
function constants(c: Call): string[] | null {
  const values = c.nodes.slice(1).map((_, i) => c.constant(i + 1));
  return values.includes(undefined)
    ? null
    : values.filter((value) => value !== null).map((value) => paramText(value as NonNullable<ExprValue>));
}

function amongSql(c: Call, values: readonly string[], type: string): string {
  if (values.length === 0 || c.nodes[0].type.t === 'null') return 'false';
  const left = c.arg(0, type === 'bigint' ? 'raw' : undefined);
  if (values.length <= longestWrittenOut)
    return `(${left} in (${values.map((value) => c.env.param(value, type)).join(', ')}))`;
  return `(${left} in (select unnest(${c.env.param(values, `${type}[]`)})))`;
}
