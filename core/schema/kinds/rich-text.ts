import { longTextOperators } from '../operators.js';
import { sanitizeHtml } from '../parse/html.js';
import { columnKind, columnSql, ok, narrowed, textBytes, textProblem } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';

/** HTML of a small allow-list, sanitised on every write; at most 200,000 characters. */
export const richText: FieldKind = columnKind({
  id: 'richText',
  pgType: 'text collate "C"',
  expr: { t: 'text' },
  bytes: textBytes,
  sorted: false,
  grouped: false,
  measures: ['count'],
  ops: longTextOperators,
  widget: 'richText',
  searchSql: (field, alias) => `regexp_replace(${columnSql(field, alias)}, '<[^>]*>', ' ', 'g')`,
  valueSchema: (field) => narrowed(field, { type: 'string', maxLength: 200_000 }, ['maxLength']),
  normalize: clean,
  coerce: clean,
  format: (value) => value as string,
  cases: {
    valid: [
      { input: '<p>Hello <strong>Ada</strong></p>' },
      { input: '<p onclick="x()">a<script>alert(1)</script></p>', canonical: '<p>a</p>' },
      { input: '<a href="javascript:alert(1)">x</a>', canonical: '<a>x</a>' },
      { input: 'a < b & c', canonical: 'a &lt; b &amp; c' },
    ],
    invalid: ['\0', 1, []],
    texts: [{ text: '<b>x</b>', value: '<b>x</b>' }],
  },
});

function clean(value: unknown): Coerced {
  return textProblem(value as string) ?? ok(sanitizeHtml(value as string));
}
