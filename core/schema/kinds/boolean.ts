import { parseBoolean } from '../parse/words.js';
import { columnKind, ok, refuse } from './column-kind.js';
import type { FieldKind } from './kind.js';

/** True or false; null is "not said". */
export const boolean: FieldKind = columnKind({
  id: 'boolean',
  pgType: 'boolean',
  expr: { t: 'boolean' },
  bytes: 1,
  measures: ['count'],
  ops: ['isTrue', 'isFalse', 'blank', 'notBlank'],
  widget: 'boolean',
  valueSchema: () => ({ type: 'boolean' }),
  normalize: ok,
  coerce: (text) => {
    const value = parseBoolean(text);
    return value === null ? refuse('field.boolean', `"${text.slice(0, 40)}" is neither yes nor no.`) : ok(value);
  },
  format: (value) => String(value),
  cases: {
    valid: [{ input: true }, { input: false }],
    invalid: ['true', 1, 0, []],
    texts: [
      { text: 'Yes', value: true },
      { text: '是', value: true },
      { text: '否', value: false },
      { text: '0', value: false },
      { text: 'off', value: false },
      { text: 'maybe', problem: 'field.boolean' },
    ],
  },
});
