import { dateOperators } from '../operators.js';
import { isIsoDate, parseDate } from '../parse/date.js';
import { columnKind, ok, refuse } from './column-kind.js';
import type { FieldKind } from './kind.js';

/** A calendar date without a zone, `YYYY-MM-DD`, years 0001 to 9999. */
export const date: FieldKind = columnKind({
  id: 'date',
  pgType: 'date',
  expr: { t: 'date' },
  bytes: 4,
  indexed: true,
  measures: ['count', 'countDistinct', 'min', 'max'],
  ops: dateOperators,
  widget: 'date',
  valueSchema: () => ({ type: 'string', format: 'date', maxLength: 10 }),
  normalize: (value) =>
    isIsoDate(value as string)
      ? ok(value)
      : refuse('field.date', `"${String(value)}" is not a date; write YYYY-MM-DD.`),
  coerce: (text, _field, env) => {
    const value = parseDate(text, env.dateOrder);
    return value === null ? refuse('field.date', `"${text.slice(0, 40)}" is not a date.`) : ok(value);
  },
  format: (value) => value as string,
  cases: {
    valid: [{ input: '2024-02-29' }, { input: '0001-01-01' }, { input: '9999-12-31' }],
    invalid: ['2023-02-29', '0000-01-01', '10000-01-01', '2024-1-1', '', 20240101, '2024-01-01T00:00:00Z'],
    texts: [
      { text: '2024-01-19T09:42:24.000+0000', value: '2024-01-19' },
      { text: '19.01.2024', value: '2024-01-19' },
      { text: '01/19/2024', value: '2024-01-19' },
      { text: '2024年1月19日', value: '2024-01-19' },
      { text: '19 Jan 2024', value: '2024-01-19' },
      { text: 'Jan 19, 2024', value: '2024-01-19' },
      { text: '45310', problem: 'field.date' },
      { text: '2024-02-30', problem: 'field.date' },
    ],
  },
});
