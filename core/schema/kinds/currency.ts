import { choiceOperators } from '../operators.js';
import { quoteName, suffixedColumn } from '../names.js';
import { columnKind, ok, refuse } from './column-kind.js';
import type { FieldModel } from '../model.js';
import type { Coerced, FieldKind } from './kind.js';
import { notWritten } from './returned.js';

/** What stands for the currency of amounts that are in several: they have no total. */
export const mixedCurrencies = 'mixed';

/**
 * The ISO 4217 code beside an amount: the sibling `<key>Currency` that every money field brings along, and every rollup of amounts,
 * of which it is read only, null where there is nothing to compute of, and `mixed` where the amounts are in several. Not for files.
 */
export const currency: FieldKind = columnKind({
  id: 'currency',
  pgType: 'text',
  expr: { t: 'text' },
  bytes: 4,
  ops: choiceOperators,
  widget: 'currency',
  columns: (field) => [{ name: column(field), type: 'text' }],
  encode: (value, field) => ({ [column(field)]: value ?? null }),
  select: sql,
  exprSql: sql,
  sortSql: sql,
  groupSql: sql,
  indexSql: () => null,
  valueSchema: () => ({ type: 'string', maxLength: 10 }),
  readSchema: (field) => ({ type: 'string', pattern: field.rollup ? `^([A-Z]{3}|${mixedCurrencies})$` : '^[A-Z]{3}$' }),
  normalize: (value, field) => (field.rollup ? notWritten(value, field) : parse(value as string)),
  coerce: (text, field) => (field.rollup ? notWritten(text, field) : parse(text)),
  format: (value) => value as string,
  cases: {
    valid: [{ input: 'EUR' }, { input: ' usd ', canonical: 'USD' }],
    invalid: ['€', 'EURO', '', 978],
    texts: [
      { text: 'cny', value: 'CNY' },
      { text: 'dollars', problem: 'field.currency' },
    ],
  },
});

/** Key of the currency beside a money field. */
export function currencyKey(moneyKey: string): string {
  return `${moneyKey}Currency`;
}

function column(field: FieldModel): string {
  return suffixedColumn(field.key.replace(/Currency$/, ''), 'currency');
}

function sql(field: FieldModel, alias: string): string {
  const stands = `${alias}.${quoteName(column(field))}`;
  return field.rollup ? `nullif(${stands}, '')` : stands;
}

function parse(given: string): Coerced {
  const code = given.trim().toUpperCase();
  return /^[A-Z]{3}$/.test(code)
    ? ok(code)
    : refuse('field.currency', `"${given.slice(0, 20)}" is not a currency code such as EUR.`);
}
