import { defineWidget } from '../../../sdk/index.js';
import { currencyFilter, numberFilter } from '../filters/index.js';
import TextCell from '../text/TextCell.vue';
import MoneyCell from './MoneyCell.vue';
import { lazyInput } from '../lazy-input.js';

const CurrencyInput = lazyInput('CurrencyInput');
const MoneyInput = lazyInput('MoneyInput');

/** An amount and its currency, which is a sibling field. */
export const moneyWidget = defineWidget({
  id: 'money',
  kinds: ['money'],
  Input: MoneyInput,
  Cell: MoneyCell,
  Filter: numberFilter,
  options: { numeric: true, width: 130 },
});

/** A currency by its ISO 4217 code. */
export const currencyWidget = defineWidget({
  id: 'currency',
  kinds: ['currency'],
  Input: CurrencyInput,
  Cell: TextCell,
  Filter: currencyFilter,
  options: { width: 90 },
});
