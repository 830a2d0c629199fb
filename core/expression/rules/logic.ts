import type { Call, Rule, Sql } from '../overload.js';
import { infix, on } from '../signature.js';

const isTrue = (value: boolean | null): boolean => value === true;

/** And, or, not. A null operand counts as false; the result is never null. */
export const logic: readonly Rule[] = [
  {
    name: '&&',
    form: 'operator',
    summary: 'True where both sides are true.',
    overloads: [
      on(
        'boolean, boolean -> boolean',
        (a: boolean | null, b: boolean | null) => isTrue(a) && isTrue(b),
        infix('and'),
        { nulls: 'own', conditions: [0, 1] },
      ),
    ],
  },
  {
    name: '||',
    form: 'operator',
    summary: 'True where one side is true.',
    overloads: [
      on('boolean, boolean -> boolean', (a: boolean | null, b: boolean | null) => isTrue(a) || isTrue(b), infix('or'), {
        nulls: 'own',
        conditions: [0, 1],
      }),
    ],
  },
  {
    name: '!',
    form: 'operator',
    summary: 'True where the condition is false or empty.',
    overloads: [on('boolean -> boolean', (a: boolean | null) => !isTrue(a), not, { nulls: 'own', conditions: [0] })],
  },
];

function not(c: Call): Sql {
  const operand = c.arg(0);
  return { sql: c.isNullable(0) ? `(${operand} is not true)` : `(not ${operand})`, nullable: false };
}
