import { textOperators } from '../operators.js';
import { columnKind, ok, refuse, textBytes, textProblem } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';

/** A mail address, trimmed and in lower case; at most 254 characters. */
export const email: FieldKind = columnKind({
  id: 'email',
  pgType: 'text collate "C"',
  expr: { t: 'text' },
  bytes: textBytes,
  indexed: true,
  searched: true,
  mask: (value) => `(left(${value}, 1) || '•••@•••')`,
  ops: textOperators,
  widget: 'email',
  valueSchema: () => ({ type: 'string', format: 'email', maxLength: 300 }),
  normalize: (value) => parse(value as string),
  coerce: parse,
  format: (value) => value as string,
  cases: {
    valid: [
      { input: 'ada@example.com' },
      { input: '  Ada.Lovelace+x@Example.COM ', canonical: 'ada.lovelace+x@example.com' },
      { input: '小明@例子.中国' },
    ],
    invalid: [
      'ada',
      'ada@',
      '@example.com',
      'a b@example.com',
      'ada@example',
      'a@b@c.de',
      '',
      5,
      'a@b..de',
      'ada\u200b@example.com',
      'ada@example.com\u202e',
      `${'x'.repeat(250)}@a.de`,
    ],
    texts: [
      { text: 'mailto:Ada@example.com', value: 'ada@example.com' },
      { text: 'none', problem: 'field.email' },
    ],
  },
});

// Nothing that cannot be seen: two addresses that look the same are taken for one.
const shape =
  /^[^\s@"(),:;<>[\\\]\p{Cc}\p{Cf}]{1,64}@[^\s@"(),:;<>[\\\]\p{Cc}\p{Cf}.]+(?:\.[^\s@"(),:;<>[\\\]\p{Cc}\p{Cf}.]+)+$/u;

function parse(given: string): Coerced {
  const text = given
    .trim()
    .replace(/^mailto:/i, '')
    .toLowerCase();
  if (textProblem(text)) return textProblem(text) as Coerced;
  return text.length <= 254 && shape.test(text)
    ? ok(text)
    : refuse('field.email', `"${given.slice(0, 80)}" is not a mail address.`);
}
