import { listOperators } from '../operators.js';
import { formatList, parseList } from '../parse/words.js';
import { columnKind, columnSql, ok, refuse, textProblem } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';

/** Free words, trimmed, none empty and none twice; at most 100 of 100 characters. */
export const tags: FieldKind = columnKind({
  id: 'tags',
  pgType: 'text[]',
  expr: { t: 'list', of: { t: 'text' } },
  bytes: 40,
  sorted: false,
  grouped: false,
  measures: ['count'],
  ops: listOperators,
  widget: 'tags',
  // array_to_string and the cast of an array to text are only stable; an index needs immutable functions.
  searchSql: (field, alias) => `array_to_tsvector(${columnSql(field, alias)})::text`,
  valueSchema: () => ({ type: 'array', items: { type: 'string', maxLength: 200 }, maxItems: 200 }),
  normalize: (value) => clean(value as string[]),
  coerce: (text) => clean(parseList(text)),
  format: (value) => formatList(value as string[]),
  cases: {
    valid: [
      { input: ['vip', '重要'] },
      { input: [' vip ', 'vip', ''], canonical: ['vip'] },
      { input: [] },
      { input: ['a;b', 'say "hi"', 'x, y'] },
    ],
    invalid: ['vip', [1], ['\0'], ['x'.repeat(101)], Array.from({ length: 101 }, (_, i) => `t${i}`)],
    texts: [
      { text: 'vip; 重要', value: ['vip', '重要'] },
      { text: 'a,b', value: ['a', 'b'] },
      { text: '"a;b"; c', value: ['a;b', 'c'] },
    ],
  },
});

function clean(values: readonly string[]): Coerced {
  const words = [...new Set(values.map((value) => value.trim()).filter((value) => value !== ''))];
  if (words.length > 100) return refuse('field.too_many', 'At most 100 tags.', { limit: 100 });
  for (const word of words) {
    const problem = textProblem(word);
    if (problem) return problem;
    if ([...word].length > 100) return refuse('field.too_long', 'A tag has at most 100 characters.', { limit: 100 });
  }
  return ok(words);
}
