import { columnName, quoteName } from '../names.js';
import type { FieldModel } from '../model.js';
import { indexedColumn } from './column-kind.js';
import type { FieldKind } from './kind.js';
import { notWritten, returnedKind, valueSqlOf } from './returned.js';

/**
 * Count, sum, least, greatest or mean over the records that point here by one link: a column that triggers of the database keep,
 * with what they need beside it (`storage`).
 */
export const rollup: FieldKind = {
  id: 'rollup',
  exprType: (field) => returns(field).exprType(field),
  columns: (field) => [{ name: columnName(field.key), type: valueType(field) }],
  valueSchema: (field) => returns(field).valueSchema({ ...field, schema: {} }),
  normalize: notWritten,
  encode: (value, field) => ({ [columnName(field.key)]: value ?? null }),
  select: (field, alias) => valueSqlOf(returns(field)).show(columnSql(field, alias)),
  exprSql: columnSql,
  sortSql: columnSql,
  sortType: valueType,
  indexSql: (field) => indexedColumn(field, false),
  searchSql: () => null,
  aggregates: (field) => returns(field).aggregates(field),
  groupSql: columnSql,
  operators: (field) => returns(field).operators(field),
  coerce: notWritten,
  format: (value, field) => returns(field).format(value, field),
  width: () => 16,
  widget: 'rollup',
  cases: {
    schema: { 'x-field': { of: 'parts', fn: 'count' } },
    valid: [],
    invalid: [1, '1'],
    texts: [{ text: '1', problem: 'field.read_only' }],
  },
};

function fnOf(field: FieldModel): unknown {
  return field.x.fn;
}

function returns(field: FieldModel): FieldKind {
  return field.rollup?.returns ?? returnedKind(fnOf(field) === 'count' ? 'integer' : 'decimal');
}

/** A sum of whole numbers may pass what bigint holds. */
function valueType(field: FieldModel): string {
  return fnOf(field) === 'sum' || fnOf(field) === 'avg' ? 'numeric' : valueSqlOf(returns(field)).type;
}

function columnSql(field: FieldModel, alias: string): string {
  return `${alias}.${quoteName(columnName(field.key))}`;
}
