import { currencyKey } from './kinds/currency.js';
import type { FieldModel, FieldRef } from './model.js';
import { text } from './kinds/text.js';
import { currencySibling } from './build-field.js';

/** Key of the field of the same record that holds the currency of an amount; null where the field is no amount, or in none known. */
export function amountCurrency({ key, kind, rollup, formula }: FieldModel): string | null {
  if (formula) return formula.returns.currencyColumn && formula.currencyOf ? currencyKey(formula.currencyOf) : null;
  const isAmount = rollup ? rollup.money && !rollup.isCurrency : kind.currencyColumn !== undefined;
  return isAmount ? currencyKey(key) : null;
}

/** The currency that a rollup of amounts is in: part of it, so that it has its id, and whoever may read both sees it. */
export function rollupCurrency(field: FieldModel): FieldModel | null {
  const { rollup } = field;
  if (!rollup?.money || rollup.field === undefined) return null;
  const currency: FieldRef = { entity: rollup.entity, field: currencyKey(rollup.field) };
  return {
    ...currencySibling(field, field.uuid),
    readOnly: true,
    rollup: { ...rollup, isCurrency: true, returns: text, reads: [...rollup.reads, currency] },
  };
}
