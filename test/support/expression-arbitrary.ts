import fc from 'fast-check';
import type { ExprScope, ExprType } from '../../core/expression/index.js';

/** Random typed expressions over one fixed entity, and random records of it, for the differential test. */

const members = new Map<string, ExprType>([
  ['name', { t: 'text' }],
  ['note', { t: 'text' }],
  ['amount', { t: 'number' }],
  ['rate', { t: 'number' }],
  ['score', { t: 'number' }],
  ['flag', { t: 'boolean' }],
  ['open', { t: 'boolean' }],
  ['closeDate', { t: 'date' }],
  ['startDate', { t: 'date' }],
  ['createdAt', { t: 'dateTime' }],
  ['dueAt', { t: 'dateTime' }],
  ['company', { t: 'record', entities: ['company'] }],
  ['owner', { t: 'record', entities: ['company'] }],
  ['tags', { t: 'list', of: { t: 'text' } }],
  ['team', { t: 'list', of: { t: 'record', entities: ['company'] } }],
  ['address', { t: 'object', name: 'address', members: { city: { t: 'text' } } }],
  ['meta', { t: 'json' }],
]);
const company = new Map<string, ExprType>([
  ['name', { t: 'text' }],
  ['size', { t: 'number' }],
]);

/** The entity of the test. */
export const scope: ExprScope = {
  entity: 'deal',
  members: (entity) => (entity === 'deal' ? members : entity === 'company' ? company : null),
};

export const ids = [
  '018f0000-0000-7000-8000-00000000000a',
  '018f0000-0000-7000-8000-00000000000b',
  '018f0000-0000-7000-8000-00000000000c',
];
export const zones = [
  'UTC',
  'Europe/Berlin',
  'Asia/Shanghai',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
];

/** A record in API form. */
export interface Row {
  readonly name: string | null;
  readonly note: string | null;
  readonly amount: number | null;
  readonly rate: number | null;
  readonly score: number | null;
  readonly flag: boolean | null;
  readonly open: boolean | null;
  readonly closeDate: string | null;
  readonly startDate: string | null;
  readonly createdAt: string | null;
  readonly dueAt: string | null;
  readonly company: { readonly id: string; readonly name: string | null; readonly size: number | null } | null;
  readonly owner: { readonly id: string } | null;
  readonly tags: readonly string[] | null;
  readonly team: readonly { readonly id: string }[] | null;
  readonly address: { readonly city: string | null } | null;
  readonly meta: unknown;
}

/** Characters on which the back ends might differ: case partners, surrogates, white space, LIKE and array syntax. */
const pieces = [
  ...'aAbzZ 10.-%_\\\'",{\t\n\r\u00a0\u3000',
  ...'éÉe\u0301ßẞΣσςİıI\u212aﬁŉΐǄǅაᲐꞔꟄ𐕰𞤀漢字😀\uffff\ue000𐐀\u200fдЖ',
];
const anyText = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((all) => all.join('')) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', maxLength: 5 }).map((text) => text.replaceAll(/\0|\p{Surrogate}/gu, '?')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '12',
      ' -1.50 ',
      '+7',
      '1e3',
      '007',
      '2024-02-29',
      '2023-02-29',
      '2024-12-31',
      '0000-01-01',
      ...ids,
      ids[0].toUpperCase(),
      '',
      'vip',
      'won',
    ),
  },
);
const anyNumber = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.integer({ min: -999_999_999, max: 999_999_999 }),
  fc
    .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: 1, max: 9 }))
    .map(([n, places]) => Number((n / 10 ** places).toPrecision(12))),
  fc.constantFrom(0, 0.1, 0.2, 0.3, 0.5, 1.5, 2.5, -0.5, 1e-9, 999_999_999_999_999, 0.000001, 1 / 8),
  // Halves at the 13th place, once divided.
  fc.constantFrom(1e-12, 3e-12, -5e-12, 2.5e-11, 1.000000000003),
);
const anyDate = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .integer({ min: -26_000, max: 47_000 })
      .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '0002-01-01',
      '9998-12-31',
      '2024-02-29',
      '2023-12-31',
      '1900-02-28',
      '2026-03-29',
      '2026-10-25',
      '2018-11-04',
    ),
  },
);
const anyInstant = fc.oneof(
  fc.integer({ min: 0, max: 4_102_444_800 }).map((s) => new Date(s * 1000 + 7).toISOString()),
  fc.constantFrom(
    '2026-03-29T00:59:59.999Z',
    '2026-03-29T01:00:00.000Z',
    '2026-10-25T00:30:00.000Z',
    '2026-10-25T01:30:00.000Z',
    '1970-01-01T00:00:00.000Z',
    '2018-11-04T03:00:00.000Z',
    '2024-02-29T23:30:00.000Z',
  ),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 4 });
const anyId = fc.constantFrom(...ids);

/** Random records, a quarter of all values null. */
export const anyRow: fc.Arbitrary<Row> = fc.record({
  name: maybe(anyText),
  note: maybe(anyText),
  amount: maybe(anyNumber),
  rate: maybe(anyNumber),
  score: maybe(fc.integer({ min: -50, max: 120 })),
  flag: maybe(fc.boolean()),
  open: maybe(fc.boolean()),
  closeDate: maybe(anyDate),
  startDate: maybe(anyDate),
  createdAt: maybe(anyInstant),
  dueAt: maybe(anyInstant),
  company: maybe(fc.record({ id: anyId, name: maybe(anyText), size: maybe(anyNumber) })),
  owner: maybe(fc.record({ id: anyId })),
  tags: maybe(fc.array(fc.oneof(fc.constant('vip'), anyText), { maxLength: 3 })),
  team: maybe(fc.array(fc.record({ id: anyId }), { maxLength: 2 })),
  address: maybe(fc.record({ city: maybe(anyText) })),
  meta: maybe(fc.constantFrom(1, 'x', { a: 1 }, [])),
});

type Kind = 'text' | 'number' | 'boolean' | 'date' | 'dateTime' | 'record';
type Source = fc.Arbitrary<string>;

/** A text as a literal of the language. */
export function quoted(text: string): string {
  return `'${text.replaceAll(/[\\'\n\r]/g, (character) => (character === '\n' ? '\\n' : character === '\r' ? '\\r' : `\\${character}`))}'`;
}

const literals: Readonly<Record<Kind, Source>> = {
  text: anyText.map(quoted),
  number: anyNumber.map((n) =>
    new Intl.NumberFormat('en', { useGrouping: false, maximumFractionDigits: 18 }).format(n),
  ),
  boolean: fc.constantFrom('true', 'false'),
  date: fc.oneof(
    anyDate.map((date) => `DATE('${date}')`),
    fc.constant('TODAY()'),
  ),
  dateTime: fc.oneof(
    anyInstant.map((at) => `DATETIME('${at}')`),
    anyInstant.map((at) => `DATETIME('${at.slice(0, 16)}')`),
    fc.constant('NOW()'),
  ),
  record: fc.constant('ME()'),
};

const fields: Readonly<Record<Kind, readonly string[]>> = {
  text: ['name', 'note', 'company.name', 'address.city'],
  number: ['amount', 'rate', 'score', 'company.size'],
  boolean: ['flag', 'open'],
  date: ['closeDate', 'startDate'],
  dateTime: ['createdAt', 'dueAt'],
  record: ['company', 'owner'],
};

const memo = new Map<string, Source>();

function expression(kind: Kind, depth: number): Source {
  const key = `${kind}${depth}`;
  const known = memo.get(key);
  if (known) return known;
  const leaf: fc.WeightedArbitrary<string>[] = [
    { weight: 4, arbitrary: fc.constantFrom(...fields[kind]) },
    { weight: 1, arbitrary: literals[kind] },
    { weight: 1, arbitrary: fc.constant(`IF(flag, null, ${fields[kind][0]})`) },
  ];
  const made =
    depth <= 0
      ? fc.oneof(...leaf)
      : fc.oneof(...leaf, {
          weight: depth * 8,
          arbitrary: fc.oneof(...shared(kind, depth - 1), ...own[kind](depth - 1)),
        });
  memo.set(key, made);
  return made;
}

/** A template: `$` stands for the next argument. */
function fill(template: string, ...args: Source[]): Source {
  return fc.tuple(...args).map((texts) => template.replaceAll('$', () => texts.shift() ?? ''));
}

function orNull(kind: Kind, depth: number): Source {
  return fc.oneof({ weight: 9, arbitrary: expression(kind, depth) }, { weight: 1, arbitrary: fc.constant('null') });
}

function shared(kind: Kind, d: number): Source[] {
  const [a, b, c] = [expression(kind, d), expression(kind, d), expression('boolean', d)];
  const ordered =
    kind === 'boolean' || kind === 'record'
      ? []
      : [fill('MIN($, $)', a, b), fill('MAX($, $, $)', a, b, orNull(kind, d))];
  return [
    fill('IF($, $, $)', c, a, orNull(kind, d)),
    fill('($ ? $ : $)', c, a, b),
    fill('IF($, $)', c, a),
    fill('COALESCE($, $)', orNull(kind, d), a),
    fill('BLANK_VALUE($, $)', a, b),
    ...ordered,
  ];
}

const own: Readonly<Record<Kind, (d: number) => Source[]>> = {
  text: (d) => {
    const [t, n] = [expression('text', d), expression('number', d)];
    const count = fc.oneof(n, fc.integer({ min: -1, max: 4 }).map(String), fc.constant('score'));
    const any = fc.oneof(
      t,
      n,
      expression('boolean', d),
      expression('date', d),
      expression('dateTime', d),
      expression('record', d),
    );
    return [
      fill('($ + $)', t, t),
      fill('LEFT($, $)', t, count),
      fill('RIGHT($, $)', t, count),
      fill('UPPER($)', t),
      fill('LOWER($)', t),
      fill('TRIM($)', t),
      fill('CONCAT($, $)', any, any),
      fill('TEXT($)', any),
    ];
  },
  number: (d) => {
    const [a, b, t, day] = [
      expression('number', d),
      expression('number', d),
      expression('text', d),
      fc.oneof(expression('date', d), expression('dateTime', d)),
    ];
    const operators = ['+', '-', '*', '/', '%'].map((operator) => fill(`($ ${operator} $)`, a, b));
    const calls = ['ABS', 'CEILING', 'FLOOR', 'ROUND'].map((name) => fill(`${name}($)`, a));
    const places = fc.integer({ min: -3, max: 12 }).map(String);
    return [
      ...operators,
      ...calls,
      fill('($ / $)', fc.constantFrom(...fields.number), fc.constantFrom('2', '-2', '4', '8', '0.3')),
      fill('-($)', a),
      fill('MOD($, $)', a, b),
      fill('ROUND($, $)', a, places),
      fill('LEN($)', t),
      fill('VALUE($)', t),
      fill('VALUE(note)'),
      fill('size(tags)'),
      fill('team.size()'),
      ...['YEAR', 'MONTH', 'DAY', 'WEEKDAY'].map((name) => fill(`${name}($)`, day)),
      fill('DAYS_BETWEEN($, $)', day, day),
      fill('($ - $)', expression('date', d), expression('date', d)),
      fill('size($)', t),
    ];
  },
  boolean: (d) => {
    const c = expression('boolean', d);
    const [t, n, day, at, r] = (['text', 'number', 'date', 'dateTime', 'record'] as const).map((kind) =>
      expression(kind, d),
    );
    const equality = fc.constantFrom('==', '!=');
    const order = fc.constantFrom('<', '<=', '>', '>=', '==', '!=');
    const compared = (a: Source, b: Source, operator: Source): Source =>
      fc.tuple(a, operator, b).map((parts) => `(${parts.join(' ')})`);
    const list = (item: Source): Source => fc.array(item, { maxLength: 10 }).map((items) => `[${items.join(', ')}]`);
    const anything = fc.oneof(c, t, n, day, at, r, fc.constantFrom('tags', 'team', 'address', 'meta'));
    return [
      fill('($ && $)', c, c),
      fill('($ || $)', c, c),
      fill('!($)', c),
      fill('!$', fc.constantFrom('flag', 'open')),
      compared(c, c, equality),
      compared(r, r, equality),
      compared(t, t, order),
      compared(n, n, order),
      compared(day, day, order),
      compared(at, at, order),
      compared(day, at, order),
      compared(at, day, order),
      compared(day, anyDate.map(quoted), order),
      compared(anyInstant.map(quoted), at, order),
      compared(r, fc.oneof(anyId.map(quoted), t), equality),
      compared(t, r, equality),
      compared(at, anyDate.map(quoted), order),
      compared(anything, fc.constant('null'), equality),
      compared(fc.constant('null'), anything, equality),
      fill('ISBLANK($)', anything),
      ...['contains', 'startsWith', 'endsWith'].flatMap((name) => [
        fill(`($).${name}($)`, t, t),
        fill(`name.${name}($)`, literals.text),
      ]),
      ...['CONTAINS', 'STARTS_WITH', 'ENDS_WITH'].map((name) => fill(`${name}($, $)`, t, t)),
      fill('($ in $)', t, list(literals.text)),
      fill('($ in $)', n, list(literals.number)),
      fill('($ in $)', n, list(n)),
      fill('($ in $)', t, list(t)),
      fill('($ in $)', day, list(anyDate.map(quoted))),
      fill('($ in $)', at, list(literals.dateTime)),
      fill('($ in $)', r, list(fc.oneof(anyId.map(quoted), r))),
      fill('($ in $)', r, list(anyId.map(quoted))),
      fill('($ in $)', t, list(fc.oneof(r, t))),
      fill('($ in tags)', t),
      fill('($ in team)', fc.oneof(r, t, anyId.map(quoted))),
      fill('(company in tags)'),
      fill('($ in $)', c, list(fc.constantFrom('true', 'false', 'flag'))),
    ];
  },
  date: (d) => {
    const [day, at, n] = [
      expression('date', d),
      expression('dateTime', d),
      fc.oneof(expression('number', d), fc.integer({ min: -40, max: 40 }).map(String)),
    ];
    return [
      fill('ADD_DAYS($, $)', day, n),
      fill('ADD_MONTHS($, $)', day, n),
      fill('($ + $)', day, n),
      fill('($ - $)', day, n),
      fill('DATE($)', at),
      fill('DATE(note)'),
      fill('DATE(YEAR($), MONTH($), DAY($))', day, day, at),
      fill('DATE($, $, $)', n, n, n),
    ];
  },
  dateTime: (d) => {
    const [day, at, n] = [
      expression('date', d),
      expression('dateTime', d),
      fc.oneof(expression('number', d), fc.integer({ min: -40, max: 40 }).map(String)),
    ];
    return [fill('ADD_DAYS($, $)', at, n), fill('ADD_MONTHS($, $)', at, n), fill('DATETIME($)', day)];
  },
  record: () => [fc.constantFrom('company', 'owner')],
};

/** Random expressions of every type, most of them conditions. */
export const anyExpression: Source = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(expression('boolean', 3), expression('boolean', 1)) },
  ...(['text', 'number', 'date', 'dateTime', 'record'] as const).map((kind) => ({
    weight: 1,
    arbitrary: expression(kind, 2),
  })),
);
