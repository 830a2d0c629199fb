import { currencyKey } from './kinds/currency.js';
import type { FieldModel, FieldRef, SchemaModel } from './model.js';
import { text } from './kinds/text.js';
import { currencySibling } from './build-field.js';

/** Key of the field of the same record that holds the currency of an amount; null where the field is no amount, or in none known. */
export function amountCurrency({ key, kind, rollup, formula }: FieldModel): string | null {
  if (formula) return formula.returns.currencyColumn && formula.currencyOf ? currencyKey(formula.currencyOf) : null;
  const isAmount = rollup
    ? rollup.money && !rollup.isCurrency && !rollup.isCurrencyTaken
    : kind.currencyColumn !== undefined;
  return isAmount ? currencyKey(key) : null;
}

/**
 * The currency that a rollup of amounts is in: part of it, so that it has its id, and whoever may read both sees it. `of`: the
 * field that holds the currencies of these amounts; null: none does that anybody could read.
 */
export function rollupCurrency(field: FieldModel, of: FieldRef | null): FieldModel | null {
  const { rollup } = field;
  if (!rollup?.money || rollup.field === undefined) return null;
  return {
    ...currencySibling(field, field.uuid),
    readOnly: true,
    rollup: { ...rollup, isCurrency: true, returns: text, reads: of === null ? rollup.reads : [...rollup.reads, of] },
  };
}

/** The currency of an amount that a rollup is of, also where no reader is shown it; null where it is in none. */
export function currencyBeside(schema: SchemaModel, amount: FieldModel): FieldModel | null {
  if (amount.rollup?.isCurrencyTaken) return rollupCurrency(amount, null);
  return schema.entities.get(amount.entity)?.fields.get(currencyKey(amount.key)) ?? null;
}
