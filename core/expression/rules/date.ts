import { isTextLiteral, dateLiteral, zoneParam } from '../coercions.js';
import { addDays, addDaysAt, addWholeMonths, addWholeMonthsAt, differenceInDays } from '../dates.js';
import { dateOf, dateParts, instant, makeDate, parseDate, toDays } from '../calendar.js';
import { Num, type Decimal } from '../decimal.js';
import type { Rule } from '../overload.js';
import { called, on } from '../signature.js';
import type { EvalEnv, ExprDate, ExprInstant } from '../types.js';

const small = { digits: () => ({ whole: 10, fraction: 0 }) };
const maybe = { nullable: 'always' } as const;
const constant = (): string => 'null'; // never asked for: without arguments a call is a constant

/** Dates are calendar days; instants are taken as the day or the local time that they are in the zone. */
export const date: readonly Rule[] = [
  {
    name: 'TODAY',
    form: 'function',
    summary: 'The date of today, in the zone.',
    overloads: [on('-> date', (env: EvalEnv) => dateOf({ ms: env.now.getTime() }, env.zone), constant, maybe)],
  },
  {
    name: 'NOW',
    form: 'function',
    summary: 'The instant now.',
    overloads: [on('-> dateTime', (env: EvalEnv) => instant(env.now.getTime()), constant, maybe)],
  },
  {
    name: 'DATE',
    form: 'function',
    summary:
      "A date: of a text '2024-05-31', of an instant in the zone, of year, month and day; null where there is no such day.",
    overloads: [
      on('text -> date', (a: string) => parseDate(a), called('trellis.expr_date'), {
        ...maybe,
        check: ([arg], say) => void (isTextLiteral(arg) && dateLiteral(arg, say)),
      }),
      on(
        'day -> date',
        (a: ExprDate) => a,
        (c) => c.arg(0),
      ),
      on('number, number, number -> date', fromNumbers, called('trellis.expr_date'), maybe),
    ],
  },
  {
    name: 'DATETIME',
    form: 'function',
    summary: "An instant: '2024-05-31T09:30:00Z', '2024-05-31T09:30' in the zone, or the start of a date.",
    overloads: [
      on(
        'dateTime -> dateTime',
        (a: ExprInstant) => a,
        (c) => c.arg(0),
      ),
    ],
  },
  piece('YEAR', 'The year', 'year', (a) => dateParts(a).year),
  piece('MONTH', 'The month, 1 to 12', 'month', (a) => dateParts(a).month),
  piece('DAY', 'The day of the month', 'day', (a) => dateParts(a).day),
  {
    name: 'WEEKDAY',
    form: 'function',
    summary: 'The day of the week, 1 Sunday to 7 Saturday, as in spreadsheets.',
    overloads: [on('day -> number', weekday, (c) => `(extract(dow from ${c.arg(0)}) + 1)`, small)],
  },
  {
    name: 'DAYS_BETWEEN',
    form: 'function',
    summary: 'Days from the first date to the second; negative where the second is earlier.',
    overloads: [
      on(
        'day, day -> number',
        (a: ExprDate, b: ExprDate) => differenceInDays(b, a),
        (c) => `(- (${c.arg(0)} - ${c.arg(1)}))::numeric`,
        small,
      ),
    ],
  },
  {
    name: 'ADD_DAYS',
    form: 'function',
    summary: 'That many whole days later (of an instant: 24 hours each); null outside the years 1 to 9999.',
    overloads: [
      on('date, number -> date', addDays, called('trellis.expr_add_days'), maybe),
      on('dateTime, number -> dateTime', addDaysAt, called('trellis.expr_add_days'), maybe),
    ],
  },
  {
    name: 'ADD_MONTHS',
    form: 'function',
    summary:
      'That many whole months later; 31 January and a month is the last of February. An instant keeps its local time.',
    overloads: [
      on('date, number -> date', addWholeMonths, called('trellis.expr_add_months'), maybe),
      on(
        'dateTime, number -> dateTime',
        (a: ExprInstant, n: Decimal, env: EvalEnv) => addWholeMonthsAt(a, n, env.zone),
        (c) => `trellis.expr_add_months(${c.arg(0)}, ${c.arg(1)}, ${zoneParam(c)})`,
        maybe,
      ),
    ],
  },
  {
    name: 'ME',
    form: 'function',
    summary: 'The acting user, to compare links with; null where nobody acts.',
    overloads: [
      {
        ...on('-> record', (env: EvalEnv) => env.me, constant, maybe),
        match: (args) => (args.length === 0 ? { args, type: { t: 'record', entities: ['core.user'] } } : null),
      },
    ],
  },
];

function piece(name: string, words: string, field: string, js: (a: ExprDate) => number): Rule {
  return {
    name,
    form: 'function',
    summary: `${words}.`,
    overloads: [
      on(
        'day -> number',
        (a: ExprDate) => new Num(js(a)),
        (c) => `extract(${field} from ${c.arg(0)})`,
        small,
      ),
    ],
  };
}

function weekday(a: ExprDate): Decimal {
  // 1970-01-01 was a Thursday.
  return new Num(((((toDays(a) + 4) % 7) + 7) % 7) + 1);
}

function fromNumbers(year: Decimal, month: Decimal, day: Decimal): ExprDate | null {
  const parts = [year, month, day];
  return parts.every((part) => part.isInteger() && part.abs().lt(10_000))
    ? makeDate(year.toNumber(), month.toNumber(), day.toNumber())
    : null;
}
