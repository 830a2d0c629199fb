import { blankOperators } from '../operators.js';
import { columnKind, ok, refuse, textProblem } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';

const maxDepth = 32;
const maxCharacters = 100_000;

/** Any JSON of at most 100,000 characters and 32 levels. A property may narrow it by JSON-Schema keywords of its own. */
export const json: FieldKind = columnKind({
  id: 'json',
  pgType: 'jsonb',
  expr: { t: 'json' },
  bytes: 40,
  sorted: false,
  grouped: false,
  measures: ['count'],
  ops: blankOperators,
  widget: 'json',
  valueSchema: (field) => {
    const { 'x-field': _x, title: _title, description: _description, default: _default, ...schema } = field.schema;
    return schema;
  },
  normalize: check,
  coerce: (text) => {
    if (text.length > maxCharacters)
      return refuse('field.too_long', `At most ${maxCharacters} characters of JSON.`, { limit: maxCharacters });
    try {
      return check(JSON.parse(text));
    } catch {
      return refuse('field.json', 'The text is not JSON.');
    }
  },
  format: (value) => JSON.stringify(value),
  cases: {
    valid: [
      { input: { a: [1, 'x', null, { b: true }] } },
      { input: [] },
      { input: 'text' },
      { input: 5 },
      { input: false },
    ],
    invalid: [nest(maxDepth + 1), { a: 'x\0' }, ['\ud800'], { '\0': 1 }, 'x'.repeat(maxCharacters)],
    texts: [
      { text: '{"a":1}', value: { a: 1 } },
      { text: '{a:1}', problem: 'field.json' },
    ],
  },
});

function check(value: unknown): Coerced {
  const problem = walk(value, 1);
  if (problem) return problem;
  if (JSON.stringify(value).length > maxCharacters)
    return refuse('field.too_long', `At most ${maxCharacters} characters of JSON.`, { limit: maxCharacters });
  return ok(value);
}

function walk(value: unknown, depth: number): Coerced | null {
  if (typeof value === 'string') return textProblem(value);
  if (typeof value !== 'object' || value === null) return null;
  if (depth > maxDepth) return refuse('field.too_deep', `At most ${maxDepth} levels of JSON.`, { limit: maxDepth });
  for (const [key, inner] of Object.entries(value)) {
    const problem = textProblem(key) ?? walk(inner, depth + 1);
    if (problem) return problem;
  }
  return null;
}

function nest(depth: number): unknown {
  return Array.from({ length: depth }).reduce((inner) => [inner], 1 as unknown);
}
