import { listOperators } from '../operators.js';
import { formatList, parseList } from '../parse/words.js';
import { columnKind, narrowed, ok } from './column-kind.js';
import { findOption, optionValues } from './choice.js';
import type { FieldKind } from './kind.js';

/** Several of the field's options, in the order given, none twice. */
export const multiChoice: FieldKind = columnKind({
  id: 'multiChoice',
  pgType: 'text[]',
  expr: { t: 'list', of: { t: 'text' } },
  bytes: 40,
  sorted: false,
  grouped: false,
  measures: ['count'],
  ops: listOperators,
  widget: 'multiChoice',
  valueSchema: (field) =>
    narrowed(field, { type: 'array', items: { type: 'string', enum: optionValues(field) }, maxItems: 200 }, [
      'minItems',
      'maxItems',
    ]),
  normalize: (value) => ok([...new Set(value as string[])]),
  coerce: (text, field) => {
    const values: string[] = [];
    for (const part of parseList(text)) {
      const found = findOption(part, field);
      if (!found.ok) return found;
      values.push(found.value as string);
    }
    return ok([...new Set(values)]);
  },
  format: (value) => formatList(value as string[]),
  cases: {
    schema: {
      'x-field': {
        options: [
          { value: 'red', title: 'Red' },
          { value: 'blue', title: '蓝' },
        ],
      },
    },
    valid: [{ input: ['red'] }, { input: ['red', 'blue', 'red'], canonical: ['red', 'blue'] }],
    invalid: ['red', ['green'], [1], {}],
    texts: [
      { text: 'Red; 蓝', value: ['red', 'blue'] },
      { text: 'red,blue', value: ['red', 'blue'] },
      { text: 'red;green', problem: 'field.choice' },
    ],
  },
});
