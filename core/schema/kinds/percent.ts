import { numberKind } from './number-kind.js';
import type { FieldKind } from './kind.js';

/** A share in hundredths: 12.5 is 12.5 %. May pass 100 or fall below 0 unless the field says otherwise. */
export const percent: FieldKind = numberKind({
  id: 'percent',
  pgType: 'numeric',
  bytes: 16,
  widget: 'percent',
  whole: false,
  base: () => ({ type: 'number' }),
  cases: {
    schema: { minimum: 0, maximum: 100 },
    valid: [{ input: 0 }, { input: 12.5 }, { input: 100 }],
    invalid: [101, -1, '5%'],
    texts: [
      { text: '12%', value: 12 },
      { text: '12,5 %', value: 12.5 },
      { text: '120%', problem: 'field.too_large' },
    ],
  },
});
