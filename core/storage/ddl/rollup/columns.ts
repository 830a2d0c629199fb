import type { FieldModel } from '../../../schema/index.js';
import { suffixedColumn } from '../../../schema/index.js';

/** A column that holds a rollup's state; `defaultSql` is the state of a parent without children. */
interface StateColumn {
  readonly name: string;
  readonly type: string;
  readonly defaultSql?: string;
}

/** Names of the columns in which a rollup keeps what its value is computed from. */
export function rollupNames(field: FieldModel): { value: string; count: string; sum: string; currency: string } {
  return {
    value: field.kind.columns(field)[0].name,
    count: suffixedColumn(field.key, 'count'),
    sum: suffixedColumn(field.key, 'sum'),
    currency: suffixedColumn(field.key, 'currency'),
  };
}

/** True where a rollup adds up or compares amounts, which it does within one currency only. */
export function isAmount(field: FieldModel): boolean {
  return field.rollup?.returns.currencyColumn !== undefined;
}

/**
 * How a rollup stands in its parent's table: default of the value, and columns beside it. A count and a sum need none; the others
 * keep the number of values (null: not filled yet), an average their sum too, amounts the one currency that they are in.
 */
export function rollupStateColumns(field: FieldModel): {
  value: Pick<StateColumn, 'defaultSql'>;
  hidden: StateColumn[];
} {
  const { fn } = field.rollup ?? { fn: 'count' };
  const names = rollupNames(field);
  const count: StateColumn = { name: names.count, type: 'bigint', defaultSql: '0' };
  const sum: StateColumn = { name: names.sum, type: 'numeric', defaultSql: '0' };
  const currency: StateColumn[] = isAmount(field) ? [{ name: names.currency, type: 'text' }] : [];
  const value = fn === 'count' || fn === 'sum' ? { defaultSql: '0' } : {};
  if (fn === 'count') return { value, hidden: [] };
  if (fn === 'avg') return { value, hidden: [count, sum, ...currency] };
  return { value, hidden: fn === 'sum' && currency.length === 0 ? [] : [count, ...currency] };
}
