import type { FieldModel } from '../model.js';
import type { FieldKind } from './kind.js';
import { notWritten, returnedKind, valueSqlOf } from './returned.js';

/**
 * A value computed in the statement that reads it: no column. It is shown, sorted and filtered like the kind that it `returns`.
 * Its SQL needs the reader's scope, so that query makes it; who knows no formulas reads null.
 */
export const formula: FieldKind = {
  id: 'formula',
  exprType: (field) => returns(field).exprType(field),
  columns: () => [],
  valueSchema: (field) => returns(field).valueSchema({ ...field, schema: {} }),
  normalize: notWritten,
  encode: () => ({}),
  select: nothing,
  exprSql: nothing,
  sortSql: (field, _alias, collation) => valueSqlOf(returns(field)).sort(nothing(field), collation),
  sortType: (field) => returns(field).sortType(field),
  indexSql: (field) => (field.index === true ? (field.formula?.indexSql ?? null) : null),
  searchSql: () => null,
  aggregates: (field) => returns(field).aggregates(field),
  groupSql: nothing,
  operators: (field) => returns(field).operators(field),
  coerce: notWritten,
  format: (value, field) => returns(field).format(value, field),
  width: () => 0,
  widget: 'formula',
  cases: {
    schema: { 'x-field': { returns: 'decimal', expression: 'LEN(name) / 2' } },
    valid: [],
    invalid: [1, '1', [], {}],
    texts: [{ text: '1', problem: 'field.read_only' }],
  },
};

function returns(field: FieldModel): FieldKind {
  return returnedKind(field.x.returns);
}

function nothing(field: FieldModel): string {
  return `null::${valueSqlOf(returns(field)).type}`;
}
