import { numberKind } from './number-kind.js';
import type { FieldModel } from '../model.js';
import type { FieldKind } from './kind.js';

/** Stars from 1 to `max` (5 unless the field says otherwise). */
export const rating: FieldKind = numberKind({
  id: 'rating',
  pgType: 'integer',
  bytes: 4,
  widget: 'rating',
  whole: true,
  base: (field) => ({ type: 'integer', minimum: 1, maximum: maxOf(field) }),
  cases: {
    valid: [{ input: 1 }, { input: 5 }],
    invalid: [0, 6, 2.5, '3'],
    texts: [
      { text: '4', value: 4 },
      { text: '9', problem: 'field.too_large' },
    ],
  },
});

function maxOf(field: FieldModel): number {
  return typeof field.x.max === 'number' ? field.x.max : 5;
}
