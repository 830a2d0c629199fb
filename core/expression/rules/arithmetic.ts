import { addDays, differenceInDays } from '../dates.js';
import { compareValues } from '../order.js';
import { divide, modulo, Num, quotientPlaces, roundTo, type Decimal, type Digits } from '../decimal.js';
import type { Node } from '../node.js';
import type { Call, Rule, Say } from '../overload.js';
import { called, infix, on } from '../signature.js';
import type { ExprDate, ExprValue } from '../types.js';

const sum = ([a, b]: readonly Digits[]): Digits => ({
  whole: Math.max(a.whole, b.whole) + 1,
  fraction: Math.max(a.fraction, b.fraction),
});
const product = ([a, b]: readonly Digits[]): Digits => ({
  whole: a.whole + b.whole,
  fraction: a.fraction + b.fraction,
});
const quotient = ([a, b]: readonly Digits[]): Digits => ({ whole: a.whole + b.fraction + 1, fraction: quotientPlaces });
const remainder = ([a, b]: readonly Digits[]): Digits => ({
  whole: Math.max(a.whole, b.whole),
  fraction: Math.max(a.fraction, b.fraction),
});
const rounded = ([a]: readonly Digits[]): Digits => ({ whole: a.whole + 1, fraction: a.fraction });

const largestPlaces = 12;

/** Numbers are exact decimals; arithmetic with null is null, and so is what divides by zero. */
export const arithmetic: readonly Rule[] = [
  {
    name: '+',
    form: 'operator',
    summary: 'Sum; of texts: one after the other; of a date and a number: that many days later. Null with null.',
    overloads: [
      on('number, number -> number', (a: Decimal, b: Decimal) => a.plus(b), infix('+'), { digits: sum }),
      on('text, text -> text', (a: string, b: string) => a + b, infix('||')),
      on('date, number -> date', (a: ExprDate, b: Decimal) => addDays(a, b), called('trellis.expr_add_days'), {
        nullable: 'always',
      }),
    ],
  },
  {
    name: '-',
    form: 'operator',
    summary: 'Difference; of two dates: the days between; of a date and a number: that many days earlier.',
    overloads: [
      on('number, number -> number', (a: Decimal, b: Decimal) => a.minus(b), infix('-'), { digits: sum }),
      on(
        'date, number -> date',
        (a: ExprDate, b: Decimal) => addDays(a, b.neg()),
        (c) => `trellis.expr_add_days(${c.arg(0)}, -(${c.arg(1)}))`,
        { nullable: 'always' },
      ),
      on(
        'date, date -> number',
        (a: ExprDate, b: ExprDate) => differenceInDays(a, b),
        (c) => `(${c.arg(0)} - ${c.arg(1)})::numeric`,
      ),
    ],
  },
  {
    name: '*',
    form: 'operator',
    summary: 'Product.',
    overloads: [
      on('number, number -> number', (a: Decimal, b: Decimal) => a.times(b), infix('*'), { digits: product }),
    ],
  },
  {
    name: '/',
    form: 'operator',
    summary: 'Quotient, rounded to 12 places, halves to the even neighbour; null where the divisor is zero.',
    overloads: [
      on('number, number -> number', divide, called('trellis.expr_div'), { nullable: 'always', digits: quotient }),
    ],
  },
  {
    name: '%',
    form: 'operator',
    summary: 'Remainder with the sign of the left side; null where the divisor is zero.',
    overloads: [
      on(
        'number, number -> number',
        (a: Decimal, b: Decimal) => (b.isZero() ? null : a.mod(b)),
        (c) => `mod(${c.arg(0)}, nullif(${c.arg(1)}, 0))`,
        { nullable: 'always', digits: remainder },
      ),
    ],
  },
  {
    name: 'neg',
    form: 'operator',
    summary: 'The number with the other sign, written -x.',
    overloads: [
      on(
        'number -> number',
        (a: Decimal) => a.neg(),
        (c) => `(- ${c.arg(0)})`,
      ),
    ],
  },
  {
    name: 'MOD',
    form: 'function',
    summary: 'Remainder with the sign of the divisor, as in spreadsheets: MOD(-3, 2) is 1.',
    overloads: [
      on('number, number -> number', modulo, called('trellis.expr_mod'), { nullable: 'always', digits: remainder }),
    ],
  },
  {
    name: 'ROUND',
    form: 'function',
    summary:
      'Rounds to that many places (none: to whole numbers), halves away from zero; -2 rounds to hundreds. The places are a literal.',
    overloads: [
      on(
        'number -> number',
        (a: Decimal) => roundTo(a, 0),
        (c) => `round(${c.arg(0)}, 0)`,
        { digits: rounded },
      ),
      on('number, number -> number', (a: Decimal, places: Decimal) => roundTo(a, places.toNumber()), roundSql, {
        digits: rounded,
        check: literalPlaces,
      }),
    ],
  },
  {
    name: 'ABS',
    form: 'function',
    summary: 'The number without its sign.',
    overloads: [on('number -> number', (a: Decimal) => a.abs(), called('abs'))],
  },
  {
    name: 'CEILING',
    form: 'function',
    summary: 'The next whole number up.',
    overloads: [on('number -> number', (a: Decimal) => a.ceil(), called('ceil'), { digits: rounded })],
  },
  {
    name: 'FLOOR',
    form: 'function',
    summary: 'The next whole number down.',
    overloads: [on('number -> number', (a: Decimal) => a.floor(), called('floor'), { digits: rounded })],
  },
  extreme('MIN', 'smallest', -1, 'least'),
  extreme('MAX', 'largest', 1, 'greatest'),
];

function extreme(name: string, word: string, sign: number, sqlName: string): Rule {
  const js = (...all: ExprValue[]): ExprValue => {
    // The last one is the environment.
    const values = all.slice(0, -1).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((a, b) => (compareValues(b, a) * sign > 0 ? b : a));
  };
  const sql = (c: Call): string =>
    `${sqlName}(${c
      .args()
      .map((arg, i) => (c.nodes[i].type.t === 'text' ? `${arg} collate "C"` : arg))
      .join(', ')})`;
  return {
    name,
    form: 'function',
    summary: `The ${word} of the values; nulls are left out.`,
    overloads: [on('C, ...C -> C', js, sql, { nulls: 'own', nullable: 'all' })],
  };
}

function literalPlaces([, places]: readonly Node[], say: Say): void {
  const value = places.kind === 'literal' ? places.value : null;
  if (!(value instanceof Num) || !value.isInteger() || value.abs().gt(largestPlaces))
    throw say(
      places,
      `The places of ROUND are a whole number from -${largestPlaces} to ${largestPlaces}, written out.`,
    );
}

function roundSql(c: Call): string {
  const places = c.constant(1);
  return `round(${c.arg(0)}, ${places instanceof Num ? places.toFixed() : '0'})`;
}
