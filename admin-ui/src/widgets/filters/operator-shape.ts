import { describeOperator } from '../../meta/index.js';

/** How many values stand right of an operator, and of what sort they are. */
export interface OperatorShape {
  count: 'none' | 'one' | 'two' | 'many';
  /** `own`: like the field's; `count`: a whole number (of days); `text`; `day`: a date, also where the field holds an instant. */
  sort: 'own' | 'count' | 'text' | 'day';
}

/** The shape of an operator of the condition builder; an unknown one takes no value. */
export function operatorShape(operator: string): OperatorShape {
  const { arity, value } = describeOperator(operator);
  return {
    count: arity === 'list' ? 'many' : arity === 2 ? 'two' : arity === 1 ? 'one' : 'none',
    sort: value === 'same' ? 'own' : value,
  };
}

/** One of the values of a condition that holds one, two or many. */
export function valueAt(value: unknown, index: number): unknown {
  return Array.isArray(value) ? (value[index] ?? null) : index === 0 ? (value ?? null) : null;
}
