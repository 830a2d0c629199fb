import { compileSql } from '../../../expression/index.js';
import { mixedCurrencies, quoteName, type EntityModel, type FieldModel } from '../../../schema/index.js';
import { literal } from '../names.js';
import { isAmount, rollupNames } from './columns.js';

/** What one record gives to one rollup of its parent, as SQL over an alias. */
export interface Contribution {
  readonly field: FieldModel;
  readonly fn: 'count' | 'sum' | 'min' | 'max' | 'avg';
  /** Null where the record does not count: deleted, filtered out, blank. Of a count: 1. */
  readonly value: string;
  /** Of amounts: the currency, never null where the value is not. */
  readonly currency: string | null;
}

/** The contribution of a record of `child` (its columns over `alias.`) to a rollup. */
export function contributionOf(field: FieldModel, child: EntityModel, alias: string): Contribution {
  const rollup = field.rollup;
  if (!rollup) throw new TypeError(`${field.entity}.${field.key} is no rollup`);
  const source = rollup.field === undefined ? null : (child.fields.get(rollup.field) as FieldModel);
  const live = `${alias}.deleted_at is null`;
  const condition = rollup.condition ? `${live} and (${conditionSql(field, child, alias)})` : live;
  const raw = source === null ? '1' : source.kind.exprSql(source, alias, []);
  // A sum of bigints is numeric anyway, and a column of rollups may be either.
  const given = rollup.fn === 'sum' || rollup.fn === 'avg' ? `(${raw})::numeric` : raw;
  const isOfAmounts = isAmount(field) && source !== null;
  const currency = isOfAmounts ? currencyOf(source, alias) : null;
  const value = isOfAmounts && source.rollup ? totalOf(source, given, alias) : given;
  return {
    field,
    fn: rollup.fn,
    value: `case when ${condition} then ${value} end`,
    currency: currency === null ? null : `case when ${condition} and ${value} is not null then ${currency} end`,
  };
}

function conditionSql(field: FieldModel, child: EntityModel, alias: string): string {
  const condition = field.rollup?.condition;
  if (!condition) return 'true';
  return compileSql(
    condition,
    {
      // The schema room lets no expression through that asks for one of these.
      now: new Date(0),
      zone: 'UTC',
      me: null,
      member: ([key, ...rest]) => {
        const read = child.fields.get(key) as FieldModel;
        return read.kind.exprSql(read, alias, rest);
      },
      param: (value, type) => literalSql(value, type),
    },
    { position: 'filter' },
  );
}

/** A value in the text of a function, which takes no parameters. Standard strings: only the quote is special. */
function literalSql(value: unknown, type: string): string {
  if (value === null || value === undefined) return `null::${type}`;
  if (Array.isArray(value)) {
    const items = value.map((item) => (item === null ? 'null' : literal(String(item))));
    return `array[${items.join(', ')}]::${type}`;
  }
  return `${literal(String(value))}::${type}`;
}

/**
 * An amount that is a rollup itself counts where it is of something: the sum of nothing is in no currency. One that is of several
 * currencies has no value but counts all the same, so that what it goes into is of several too.
 */
function totalOf(source: FieldModel, value: string, alias: string): string {
  const currency = `${alias}.${quoteName(rollupNames(source).currency)}`;
  return `case when ${currency} = '${mixedCurrencies}' then 0 when ${currency} is not null then ${value} end`;
}

function currencyOf(source: FieldModel, alias: string): string {
  const column = source.rollup ? rollupNames(source).currency : source.kind.currencyColumn?.(source);
  return column === undefined ? `''` : `coalesce(${alias}.${quoteName(column)}, '')`;
}
