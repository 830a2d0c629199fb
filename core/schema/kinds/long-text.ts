import { longTextOperators } from '../operators.js';
import { columnKind, narrowed, textBytes } from './column-kind.js';
import { keep } from './text.js';
import type { FieldKind } from './kind.js';

/** Several lines of plain text, kept byte for byte; at most 100,000 characters. */
export const longText: FieldKind = columnKind({
  id: 'longText',
  pgType: 'text collate "C"',
  expr: { t: 'text' },
  bytes: textBytes,
  searched: true,
  sorted: false,
  grouped: false,
  measures: ['count'],
  ops: longTextOperators,
  widget: 'longText',
  valueSchema: (field) =>
    narrowed(field, { type: 'string', maxLength: 100_000 }, ['minLength', 'maxLength', 'pattern']),
  normalize: keep,
  coerce: keep,
  format: (value) => value as string,
  cases: {
    valid: [{ input: 'one\r\ntwo\n\nthree' }, { input: '多行\n文字' }],
    invalid: ['\0', 7, {}, 'x'.repeat(100_001)],
    texts: [{ text: 'a\nb', value: 'a\nb' }],
  },
});
