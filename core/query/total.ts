import { mixedCurrencies, type RollupModel } from '../schema/index.js';
import { literal } from './sql.js';

/** What a rollup computes of one record, as SQL. */
interface Part {
  /** Asked for only where it is used: a statement must not have values that its text does not. */
  value(): string;
  /** Of amounts; null: of what is none. */
  readonly currency: string | null;
  /** It is a rollup itself. */
  readonly isTotal: boolean;
}

/**
 * A rollup, or its currency, as an aggregate over the records that it is of. Amounts in several currencies do not add up: null,
 * and their currency `mixed`, as the kept ones are. Of totals only those count that are of something: the sum of nothing is in no
 * currency.
 */
export function totalSql({ fn, isCurrency }: Pick<RollupModel, 'fn' | 'isCurrency'>, part: Part): string {
  const { currency, isTotal } = part;
  if (currency === null) return orZero(fn, `${fn}(${part.value()})`);
  const isFilled = `${isTotal ? currency : part.value()} is not null`;
  // Not by counting the different ones: that sorts all of them.
  const extreme = (of: 'min' | 'max'): string =>
    `${of}(coalesce(${currency}, '') collate "C") filter (where ${isFilled})`;
  const isMixed = `${extreme('min')} <> ${extreme('max')} or bool_or(${currency} = ${mixed})`;
  if (isCurrency) return `case when ${isMixed} then ${mixed} else min(${currency}) filter (where ${isFilled}) end`;
  const total = `${fn}(${part.value()})${isTotal ? ` filter (where ${isFilled})` : ''}`;
  return `case when (${isMixed}) is not true then ${orZero(fn, total)} end`;
}

const mixed = literal(mixedCurrencies);

function orZero(fn: RollupModel['fn'], total: string): string {
  return fn === 'count' || fn === 'sum' ? `coalesce(${total}, 0)` : total;
}
