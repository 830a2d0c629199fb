import type { Call, Overload, Rule, Sql } from '../overload.js';
import { on } from '../signature.js';
import { isUuid, linkEquals, sides } from '../sql-types.js';
import { compareValues, lowerAscii, sameRecord } from '../order.js';
import type { ExprValue } from '../types.js';

type Value = NonNullable<ExprValue>;

const equatable = ['number', 'text', 'boolean', 'date', 'dateTime', 'record'];
const ordered = ['number', 'text', 'date', 'dateTime'];

/** Comparisons are two-valued: null equals only null; `<` with null is false. */
export const compare: readonly Rule[] = [
  {
    name: '==',
    form: 'operator',
    summary: 'True where both sides are the same; null is the same as null only.',
    overloads: equality((same) => same, equalSql, 'is null', 'false'),
  },
  {
    name: '!=',
    form: 'operator',
    summary: 'True where the sides differ.',
    overloads: equality((same) => !same, unequalSql, 'is not null', 'true'),
  },
  ordering('<', 'less', (order) => order < 0),
  ordering('<=', 'less or the same', (order) => order <= 0),
  ordering('>', 'more', (order) => order > 0),
  ordering('>=', 'more or the same', (order) => order >= 0),
];

function equality(
  verdict: (same: boolean) => boolean,
  sql: (c: Call, a: string, b: string) => Sql,
  nullTest: string,
  never: string,
): Overload[] {
  const own = { nulls: 'own' } as const;
  const equal = (a: ExprValue, b: ExprValue): boolean =>
    verdict(a === null || b === null ? a === b : compareValues(a, b) === 0);
  const sameId = (a: ExprValue, b: ExprValue): boolean =>
    verdict(a === null || b === null ? a === b : sameRecord(a as string, b as string));
  const isNull =
    (index: 0 | 1) =>
    (c: Call): Sql => ({ sql: nullSql(c, index, nullTest), nullable: false });
  const byId =
    (record: 0 | 1) =>
    (c: Call): Sql =>
      recordSql(c, record, sql, never);
  return [
    on('any, null -> boolean', (a: ExprValue) => verdict(a === null), isNull(0), own),
    on('null, any -> boolean', (_: null, b: ExprValue) => verdict(b === null), isNull(1), own),
    ...equatable.map((type) =>
      on(
        `${type}, ${type} -> boolean`,
        equal,
        (c) => (sql === equalSql && type === 'record' ? knownLinkSql(c) : null) ?? sql(c, ...sides(c)),
        own,
      ),
    ),
    on('record, text -> boolean', sameId, byId(0), own),
    on('text, record -> boolean', sameId, byId(1), own),
  ];
}

/** A plain `=` where null cannot stand on both sides: an index serves it. */
function equalSql(c: Call, a: string, b: string): Sql {
  if (c.isNullable(0) && c.isNullable(1)) return { sql: `(${a} is not distinct from ${b})`, nullable: false };
  return { sql: `(${a} = ${b})`, nullable: c.isNullable(0) || c.isNullable(1) };
}

function unequalSql(c: Call, a: string, b: string): Sql {
  return { sql: `(${a} ${c.isNullable(0) || c.isNullable(1) ? 'is distinct from' : '<>'} ${b})`, nullable: false };
}

function nullSql(c: Call, index: number, test: string): string {
  const operand = c.arg(index);
  return c.nodes[index].type.t === 'json' ? `(nullif(${operand}, 'null'::jsonb) ${test})` : `(${operand} ${test})`;
}

/** A link against an id as text: as uuid where the text is known, so that an index serves it. */
function recordSql(c: Call, record: 0 | 1, sql: (c: Call, a: string, b: string) => Sql, never: string): Sql {
  const id = c.constant(record === 0 ? 1 : 0);
  if (typeof id === 'string' && !isUuid(id)) return { sql: never, nullable: false };
  if (typeof id === 'string')
    return (sql === equalSql ? knownLinkSql(c) : null) ?? sql(c, c.arg(record), c.env.param(lowerAscii(id), 'uuid'));
  const text = `lower(${c.arg(record === 0 ? 1 : 0)} collate "C")`;
  return sql(c, `${c.arg(record)}::text`, text);
}

/** A link against an id that is known, or null: compare plainly. */
function knownLinkSql(c: Call): Sql | null {
  const side = c.constant(0) === undefined ? 0 : 1;
  const id = c.constant(side === 0 ? 1 : 0);
  return typeof id === 'string' ? linkEquals(c, side, id) : null;
}

function ordering(name: string, words: string, verdict: (order: number) => boolean): Rule {
  const js = (a: Value, b: Value): boolean => verdict(compareValues(a, b));
  const sql = (c: Call): string => {
    const [a, b] = sides(c);
    return c.nodes[0].type.t === 'text' ? `(${a} collate "C" ${name} ${b})` : `(${a} ${name} ${b})`;
  };
  return {
    name,
    form: 'operator',
    summary: `True where the left side is ${words}; false where a side is null. Texts compare by code point.`,
    overloads: ordered.map((type) => on(`${type}, ${type} -> boolean`, js, sql)),
  };
}
