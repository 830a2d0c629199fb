import { textOperators } from '../operators.js';
import { columnKind, longestIndexed, ok, refuse, textBytes, textProblem } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';

/** An address with scheme http, https, mailto or tel, trimmed; at most 2,000 characters, 600 where it is indexed. Others (`javascript:`, `data:`) are refused. */
export const url: FieldKind = columnKind({
  id: 'url',
  pgType: 'text collate "C"',
  expr: { t: 'text' },
  bytes: textBytes,
  searched: true,
  ops: textOperators,
  widget: 'url',
  valueSchema: (field) => ({
    type: 'string',
    format: 'uri',
    maxLength: field.unique || field.index ? longestIndexed : 2000,
  }),
  normalize: (value) => parse(value as string),
  coerce: (text) =>
    parse(/^[^\s:/?#]+\.[^\s:/?#]{2,}([:/?#]\S*)?$/.test(text.trim()) ? `https://${text.trim()}` : text),
  format: (value) => value as string,
  cases: {
    valid: [
      { input: 'https://example.com/a?b=1#c' },
      { input: ' http://例子.中国 ', canonical: 'http://例子.中国' },
      { input: 'mailto:ada@example.com' },
      { input: 'tel:+4930' },
    ],
    invalid: [
      'javascript:alert(1)',
      'java\nscript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'example.com',
      'https://',
      'http://a b',
      '',
      1,
    ],
    texts: [
      { text: 'www.example.com', value: 'https://www.example.com' },
      { text: 'example.com/a', value: 'https://example.com/a' },
      { text: 'javascript:alert(1)', problem: 'field.url' },
      { text: '/services/images/photo/1', problem: 'field.url' },
    ],
  },
});

function parse(given: string): Coerced {
  const text = given.trim();
  const problem = textProblem(text);
  if (problem) return problem;
  const isSafe =
    /^(https?:\/\/[^\s/?#\\]|mailto:\S|tel:\S)/i.test(text) && !/[\s\p{Cc}<>"]/u.test(text) && URL.canParse(text);
  return isSafe
    ? ok(text)
    : refuse('field.url', `"${given.slice(0, 80)}" is not an address that starts with http, https, mailto or tel.`);
}
