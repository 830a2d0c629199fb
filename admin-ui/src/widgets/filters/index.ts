import { defineComponent } from 'vue';
import { valueFilter } from './value-filter.js';
import { lazyInput } from '../lazy-input.js';

const DateInput = lazyInput('DateInput');
const DurationInput = lazyInput('DurationInput');
const CurrencyInput = lazyInput('CurrencyInput');
const NumberInput = lazyInput('NumberInput');
const TagsInput = lazyInput('TagsInput');
const TextInput = lazyInput('TextInput');

const shared = { text: TextInput, count: NumberInput, day: DateInput, many: TagsInput };

/** Text, mail address, phone, web address. */
export const textFilter = valueFilter({ ...shared, own: TextInput });

/** Numbers of every sort. */
export const numberFilter = valueFilter({ ...shared, own: NumberInput });

/** Days and instants. */
export const dateFilter = valueFilter({ ...shared, own: DateInput });

/** Lengths of time. */
export const durationFilter = valueFilter({ ...shared, own: DurationInput });

/** Currency codes. */
export const currencyFilter = valueFilter({ ...shared, own: CurrencyInput });

/** Kinds whose operators all stand alone (`is yes`, `is empty`). */
export const noFilter = defineComponent({ name: 'NoFilter', inheritAttrs: false, setup: () => () => null });
