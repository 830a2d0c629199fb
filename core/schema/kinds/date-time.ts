import { dateTimeOperators } from '../operators.js';
import { parseDateTime } from '../parse/date.js';
import { columnKind, ok, refuse } from './column-kind.js';
import type { Coerced, CoerceEnv, FieldKind } from './kind.js';

/** An instant, kept and answered as UTC with milliseconds, years 0001 to 9999. */
export const dateTime: FieldKind = columnKind({
  id: 'dateTime',
  pgType: 'timestamptz',
  expr: { t: 'dateTime' },
  bytes: 8,
  indexed: true,
  measures: ['count', 'countDistinct', 'min', 'max'],
  ops: dateTimeOperators,
  widget: 'dateTime',
  show: (value) => `to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  valueSchema: () => ({ type: 'string', format: 'date-time', maxLength: 40 }),
  normalize: (value, _field, env) =>
    isoShape.test(value as string) ? parse(value as string, env) : none(value as string),
  coerce: (text, _field, env) => parse(text, env),
  format: (value) => value as string,
  cases: {
    valid: [
      { input: '2024-01-19T09:42:24.000Z' },
      { input: '2024-01-19T09:42:24+02:00', canonical: '2024-01-19T07:42:24.000Z' },
      { input: '2024-01-19 09:42', canonical: '2024-01-19T09:42:00.000Z' },
      { input: '0001-01-01T00:00:00Z', canonical: '0001-01-01T00:00:00.000Z' },
    ],
    invalid: [
      '2024-13-01T00:00:00Z',
      '2016-12-31T23:59:60Z',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59-05:00',
      'now',
      5,
    ],
    texts: [
      { text: '2024-01-19T09:42:24.000+0000', value: '2024-01-19T09:42:24.000Z' },
      { text: '19.01.2024 09:42', value: '2024-01-19T09:42:00.000Z' },
      { text: '1/19/2024 3:05 PM', value: '2024-01-19T15:05:00.000Z' },
      { text: '2024年1月19日 下午3:05', value: '2024-01-19T15:05:00.000Z' },
      { text: '2024-01-19', value: '2024-01-19T00:00:00.000Z' },
      { text: 'tomorrow', problem: 'field.date_time' },
    ],
  },
});

const isoShape = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|z|[+-]\d\d:?\d\d)?)?$/;

function parse(text: string, env: CoerceEnv): Coerced {
  const value = parseDateTime(text, env.dateOrder, env.zone);
  return value === null ? none(text) : ok(value);
}

function none(text: string): Coerced {
  return refuse('field.date_time', `"${text.slice(0, 40)}" is not a date with a time; write 2024-01-19T09:42:24Z.`);
}
