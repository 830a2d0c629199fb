import { suffixedColumn } from '../names.js';
import { numberKind } from './number-kind.js';
import type { FieldKind } from './kind.js';

/** An amount of at most 15 significant digits; its currency stands in the sibling field `<key>Currency`. */
export const money: FieldKind = numberKind({
  id: 'money',
  pgType: 'numeric',
  bytes: 16,
  widget: 'money',
  whole: false,
  base: () => ({ type: 'number' }),
  currencyColumn: (field) => suffixedColumn(field.key, 'currency'),
  cases: {
    valid: [{ input: 1234.5 }, { input: -0.01 }, { input: 123456789012345 }],
    invalid: ['12', 1234567890123456, Infinity, { amount: 1 }],
    texts: [
      { text: '¥1,200', value: 1200 },
      { text: '€ 1.234,50', value: 1234.5 },
      { text: 'USD 12.5', value: 12.5 },
      { text: '$(5)', problem: 'field.number' },
      { text: '12345678901234567', problem: 'field.too_many_digits' },
    ],
  },
});
