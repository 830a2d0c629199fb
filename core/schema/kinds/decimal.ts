import { numberKind } from './number-kind.js';
import type { FieldKind } from './kind.js';

/** An exact decimal of at most 15 significant digits; `scale` limits its decimal places. */
export const decimal: FieldKind = numberKind({
  id: 'decimal',
  pgType: 'numeric',
  bytes: 16,
  widget: 'number',
  whole: false,
  base: () => ({ type: 'number' }),
  cases: {
    valid: [{ input: 0.1 }, { input: -12345678.9012345 }, { input: 1e-7 }],
    invalid: ['1.0', 0.1 + 0.2, 1e15, 1e300, Infinity],
    texts: [
      { text: '1,234.56', value: 1234.56 },
      { text: '1.234,56', value: 1234.56 },
      { text: '(12.5)', value: -12.5 },
      { text: '-1e3', value: -1000 },
      { text: '1.2.3', problem: 'field.number' },
      { text: '', problem: 'field.number' },
    ],
  },
});
