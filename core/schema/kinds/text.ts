import { textOperators } from '../operators.js';
import { columnKind, indexedColumn, narrowed, ok, textBytes, textProblem } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';

/** One line of text, kept byte for byte; at most 500 characters unless `maxLength` says otherwise. */
export const text: FieldKind = columnKind({
  id: 'text',
  pgType: 'text collate "C"',
  expr: { t: 'text' },
  bytes: textBytes,
  searched: true,
  collated: true,
  mask: (value) =>
    `(case when length(${value}) > 3 then left(${value}, 1) || '•••' else '•••' || left(${value}, 0) end)`,
  ops: textOperators,
  widget: 'text',
  indexSql: (field) => indexedColumn(field, false),
  valueSchema: (field) => narrowed(field, { type: 'string', maxLength: 500 }, ['minLength', 'maxLength', 'pattern']),
  normalize: keep,
  coerce: keep,
  format: (value) => value as string,
  cases: {
    valid: [
      { input: 'Ada' },
      { input: '  spaces stay  ' },
      { input: '' },
      { input: '王小明 👩🏽‍🚀 ﷽' },
      { input: "'; drop table x; --" },
    ],
    invalid: ['a\0b', '\ud800', 5, true, ['a'], 'x'.repeat(501)],
    texts: [
      { text: ' as is ', value: ' as is ' },
      { text: 'a\0', problem: 'field.nul' },
    ],
  },
});

/** Text as it is, unless it cannot be stored. */
export function keep(value: unknown): Coerced {
  return textProblem(value as string) ?? ok(value);
}
