import { choiceOperators } from '../operators.js';
import { columnKind, ok, refuse } from './column-kind.js';
import type { FieldModel } from '../model.js';
import type { Coerced, FieldKind } from './kind.js';

/** One of the field's options, by value. Text in the database: options are validated, not a database enum. */
export const choice: FieldKind = columnKind({
  id: 'choice',
  pgType: 'text',
  expr: { t: 'text' },
  bytes: 24,
  indexed: true,
  ops: choiceOperators,
  widget: 'choice',
  searchSql: () => null,
  valueSchema: (field) => ({ type: 'string', enum: optionValues(field) }),
  normalize: ok,
  coerce: findOption,
  format: (value) => value as string,
  cases: {
    schema: {
      'x-field': {
        options: [
          { value: 'hot', title: 'Hot lead' },
          { value: 'cold', title: '冷' },
        ],
      },
    },
    valid: [{ input: 'hot' }],
    invalid: ['warm', '', 1, ['hot'], 'Hot lead'],
    texts: [
      { text: 'HOT', value: 'hot' },
      { text: ' hot lead ', value: 'hot' },
      { text: '冷', value: 'cold' },
      { text: 'warm', problem: 'field.choice' },
    ],
  },
});

/** Values of all options, retired ones too: records that hold one stay editable. */
export function optionValues(field: FieldModel): string[] {
  return field.options.map((option) => option.value);
}

/** The option whose value or title the text is, whatever its case. */
export function findOption(text: string, field: FieldModel): Coerced {
  const word = fold(text);
  const exact =
    field.options.find((option) => option.value === text) ??
    field.options.find((option) => fold(option.value) === word || fold(option.title) === word);
  return exact
    ? ok(exact.value)
    : refuse('field.choice', `"${text.slice(0, 80)}" is not an option of ${field.title}.`, {
        options: optionValues(field).slice(0, 50),
      });
}

function fold(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}
