import type { Call, Rule, Sql } from '../overload.js';
import { called, on } from '../signature.js';
import type { ExprValue } from '../types.js';

const choice = { nulls: 'own', nullable: 'always', twoValued: false, conditions: [0] } as const;

/** Empty values and choices between values. */
export const blank: readonly Rule[] = [
  {
    name: 'IF',
    form: 'function',
    summary:
      'The second value where the condition is true, otherwise the third (none: null). Also written condition ? a : b.',
    overloads: [
      on(
        'boolean, T -> T',
        (test: boolean | null, yes: ExprValue) => (test === true ? yes : null),
        (c) => `(case when ${c.arg(0)} then ${c.arg(1)} end)`,
        choice,
      ),
      on(
        'boolean, T, T -> T',
        (test: boolean | null, yes: ExprValue, no: ExprValue) => (test === true ? yes : no),
        (c) => `(case when ${c.arg(0)} then ${c.arg(1)} else ${c.arg(2)} end)`,
        choice,
      ),
    ],
  },
  {
    name: 'ISBLANK',
    form: 'function',
    summary: 'True for null, an empty text and an empty list.',
    overloads: [
      on(
        'json -> boolean',
        (value: ExprValue) => value === null,
        (c) => `(nullif(${c.arg(0)}, 'null'::jsonb) is null)`,
        { nulls: 'own', nullable: 'never' },
      ),
      on('any -> boolean', isBlank, isBlankSql, { nulls: 'own', nullable: 'never' }),
    ],
  },
  {
    name: 'COALESCE',
    form: 'function',
    summary: 'The first value that is not null.',
    overloads: [on('T, ...T -> T', first, called('coalesce'), { nulls: 'own', nullable: 'all', twoValued: false })],
  },
  {
    name: 'BLANK_VALUE',
    form: 'function',
    summary: 'The first value, or the second where the first is null or an empty text.',
    overloads: [
      on(
        'text, text -> text',
        (a: ExprValue, b: ExprValue) => (isBlank(a) ? b : a),
        (c) => `coalesce(nullif(${c.arg(0)}, ''), ${c.arg(1)})`,
        { nulls: 'own', nullable: 'always' },
      ),
      on('T, T -> T', (a: ExprValue, b: ExprValue) => a ?? b, called('coalesce'), {
        nulls: 'own',
        nullable: 'all',
        twoValued: false,
      }),
    ],
  },
];

function first(...values: ExprValue[]): ExprValue {
  return values.slice(0, -1).find((value) => value !== null) ?? null;
}

function isBlank(value: ExprValue): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function isBlankSql(c: Call): string | Sql {
  const [{ type, kind }] = c.nodes;
  const operand = c.arg(0);
  if (type.t === 'text')
    return kind === 'path' ? `(${operand} is null or ${operand} = '')` : `(coalesce(${operand}, '') = '')`;
  if (type.t === 'list') return `(coalesce(cardinality(${operand}), 0) = 0)`;
  return `(${operand} is null)`;
}
