import { defineWidget } from '../../../sdk/index.js';
import { numberFilter as NumberFilter } from '../filters/index.js';
import NumberCell from './NumberCell.vue';
import { lazyInput } from '../lazy-input.js';

const NumberInput = lazyInput('NumberInput');

const shared = { Input: NumberInput, Cell: NumberCell, Filter: NumberFilter, options: { numeric: true, width: 110 } };

/** A whole number. */
export const integerWidget = defineWidget({ id: 'integer', kinds: ['integer'], ...shared });

/** An exact decimal. */
export const decimalWidget = defineWidget({ id: 'decimal', kinds: ['decimal'], ...shared });

/** 0 to 100. */
export const percentWidget = defineWidget({ id: 'percent', kinds: ['percent'], ...shared });
