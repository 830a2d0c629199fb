import { numberKind } from './number-kind.js';
import type { FieldKind } from './kind.js';

/** A whole number of at most 15 digits. */
export const integer: FieldKind = numberKind({
  id: 'integer',
  pgType: 'bigint',
  bytes: 8,
  widget: 'number',
  whole: true,
  base: () => ({ type: 'integer', minimum: -999_999_999_999_999, maximum: 999_999_999_999_999 }),
  cases: {
    valid: [{ input: 0 }, { input: -5 }, { input: 999_999_999_999_999 }, { input: -0, canonical: 0 }],
    invalid: [1.5, '1', true, 2 ** 53, Infinity, NaN],
    texts: [
      { text: '1,234', value: 1234 },
      { text: '1 234 567', value: 1234567 },
      { text: '1.5', problem: 'field.too_many_decimals' },
      { text: 'twelve', problem: 'field.number' },
    ],
  },
});
