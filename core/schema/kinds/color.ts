import { blankOperators } from '../operators.js';
import { columnKind, ok, refuse } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';

/** A colour, `#rrggbb` in lower case. */
export const color: FieldKind = columnKind({
  id: 'color',
  pgType: 'text collate "C"',
  expr: { t: 'text' },
  bytes: 8,
  ops: ['eq', 'ne', ...blankOperators],
  widget: 'color',
  valueSchema: () => ({ type: 'string', maxLength: 20 }),
  normalize: (value) => parse(value as string),
  coerce: parse,
  format: (value) => value as string,
  cases: {
    valid: [{ input: '#00ff80' }, { input: '#ABC', canonical: '#aabbcc' }],
    invalid: ['red', '#12', '#gggggg', '', 255],
    texts: [
      { text: 'FF0000', value: '#ff0000' },
      { text: 'reddish', problem: 'field.color' },
    ],
  },
});

function parse(given: string): Coerced {
  const hex = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(given.trim())?.[1].toLowerCase();
  if (!hex) return refuse('field.color', `"${given.slice(0, 20)}" is not a colour; write #rrggbb.`);
  return ok(`#${hex.length === 3 ? hex.replace(/./g, '$&$&') : hex}`);
}
