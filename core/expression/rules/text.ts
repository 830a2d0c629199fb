import { printed } from '../coercions.js';
import { fieldDigits, Num, toInteger, type Decimal } from '../decimal.js';
import type { Call, Overload, Rule } from '../overload.js';
import { called, on } from '../signature.js';
import { escapeLike, fold, left, lower, right, textLength, trim, trimmed, upper } from '../text.js';
import type { ExprValue } from '../types.js';

const largestCount = 2_147_483_647;
const count = { digits: () => ({ whole: 10, fraction: 0 }) };
const number = /^[ \t\n\r]*[+-]?\d{1,40}(\.\d{1,20})?[ \t\n\r]*$/;

/** Texts are counted and compared by code point. */
export const text: readonly Rule[] = [
  ...search(
    'contains',
    'CONTAINS',
    'holds the part',
    (a, b) => a.includes(b),
    (p) => `%${p}%`,
    (a, b) => `(position(${b} in ${a}) > 0)`,
  ),
  ...search(
    'startsWith',
    'STARTS_WITH',
    'starts with the part',
    (a, b) => a.startsWith(b),
    (p) => `${p}%`,
    (a, b) => `starts_with(${a}, ${b})`,
  ),
  ...search(
    'endsWith',
    'ENDS_WITH',
    'ends with the part',
    (a, b) => a.endsWith(b),
    (p) => `%${p}`,
    (a, b) => `starts_with(reverse(${a}), reverse(${b}))`,
  ),
  {
    name: 'LEN',
    form: 'function',
    summary: 'Number of characters (code points).',
    overloads: [
      on(
        'text -> number',
        (a: string) => new Num(textLength(a)),
        (c) => `char_length(${c.arg(0)})::numeric`,
        count,
      ),
    ],
  },
  { name: 'LEFT', form: 'function', summary: 'The first characters.', overloads: [part(left, 'left')] },
  { name: 'RIGHT', form: 'function', summary: 'The last characters.', overloads: [part(right, 'right')] },
  {
    name: 'UPPER',
    form: 'function',
    summary: 'In capitals.',
    overloads: [on('text -> text', upper, called('trellis.expr_upper'))],
  },
  {
    name: 'LOWER',
    form: 'function',
    summary: 'In small letters.',
    overloads: [on('text -> text', lower, called('trellis.expr_lower'))],
  },
  {
    name: 'TRIM',
    form: 'function',
    summary: 'Without white space at both ends.',
    overloads: [on('text -> text', trim, (c) => `btrim(${c.arg(0)}, ${c.env.param(trimmed, 'text')})`)],
  },
  {
    name: 'CONCAT',
    form: 'function',
    summary: 'All values as text, one after the other; null gives nothing.',
    overloads: [on('printable, ...printable -> text', concat, concatSql, { nulls: 'own', nullable: 'never' })],
  },
  {
    name: 'TEXT',
    form: 'function',
    summary: "The value as text: plain digits, true or false, 2024-05-31, 2024-05-31T09:30:00.000Z, a record's id.",
    overloads: [printable()],
  },
  {
    name: 'VALUE',
    form: 'function',
    summary: 'The number that the text says (12, -1.5), or null.',
    overloads: [
      on('text -> number', value, called('trellis.expr_value'), { nullable: 'always', digits: () => fieldDigits }),
    ],
  },
];

type Test = (a: string, b: string) => boolean;

/** A case-sensitive method and its case-insensitive function. */
function search(
  method: string,
  name: string,
  words: string,
  js: Test,
  pattern: (escaped: string) => string,
  sql: (a: string, b: string) => string,
): Rule[] {
  const fields = name === 'CONTAINS';
  const exact = (c: Call): string =>
    withHint(
      c,
      fields,
      likeOr(
        c,
        (a) => a,
        (b) => b,
        pattern,
        sql,
      ),
    );
  const folded = (c: Call): string =>
    withHint(
      c,
      fields,
      likeOr(c, (a) => `trellis.expr_fold(${a})`, fold, pattern, sql),
    );
  return [
    {
      name: method,
      form: 'method',
      summary: `text.${method}(part): the text ${words}, capitals and small letters told apart.`,
      overloads: [on('text, text -> boolean', js, exact)],
    },
    {
      name,
      form: 'function',
      summary: `The text ${words}, capitals and small letters alike.`,
      overloads: [on('text, text -> boolean', (a: string, b: string) => js(fold(a), fold(b)), folded)],
    },
  ];
}

/** LIKE where the part is known (a prefix then walks an index), otherwise the function that takes it as it is. */
function likeOr(
  c: Call,
  wrap: (sql: string) => string,
  prepare: (part: string) => string,
  pattern: (escaped: string) => string,
  sql: (a: string, b: string) => string,
): string {
  const known = c.constant(1);
  if (typeof known === 'string')
    return `(${wrap(c.arg(0))} like ${c.env.param(pattern(escapeLike(prepare(known))), 'text')})`;
  return sql(wrap(c.arg(0)), wrap(c.arg(1)));
}

/** Beside the exact test an indexable one, where a filter may use it. */
function withHint(c: Call, wanted: boolean, exact: string): string {
  const [field] = c.nodes;
  const known = c.constant(1);
  if (!wanted || c.position !== 'filter' || field.kind !== 'path' || typeof known !== 'string' || known === '')
    return exact;
  const hint = c.env.containsHint?.(field.path, known) ?? null;
  return hint === null ? exact : `(${hint} and ${exact})`;
}

function part(js: (a: string, n: number) => string, name: string): Overload {
  const sql = (c: Call): string => {
    const known = c.constant(1);
    return `${name}(${c.arg(0)}, ${known instanceof Num ? String(Math.max(0, toInteger(known, largestCount))) : `trellis.expr_count(${c.arg(1)})`})`;
  };
  return on('text, number -> text', (a: string, n: Decimal) => js(a, Math.max(0, toInteger(n, largestCount))), sql);
}

function concat(...values: ExprValue[]): string {
  return values
    .slice(0, -1)
    .map((item) => item ?? '')
    .join('');
}

function concatSql(c: Call): string {
  return `(${c
    .args()
    .map((arg, i) => (c.isNullable(i) ? `coalesce(${arg}, '')` : arg))
    .join(' || ')})`;
}

function value(source: string): Decimal | null {
  return number.test(source) ? new Num(trim(source).replace(/^\+/, '')) : null;
}

/** TEXT: the checker's own conversion under its name. */
function printable(): Overload {
  return {
    ...on(
      'printable -> text',
      (a: string) => a,
      (c) => c.arg(0),
    ),
    match: (args) => {
      const arg = args.length === 1 ? printed(args[0]) : null;
      return arg && { args: [arg], type: { t: 'text' } };
    },
  };
}
