import { defineComponent } from 'vue';
import DateInput from '../date/DateInput.vue';
import DurationInput from '../duration/DurationInput.vue';
import CurrencyInput from '../money/CurrencyInput.vue';
import NumberInput from '../number/NumberInput.vue';
import TagsInput from '../tags/TagsInput.vue';
import TextInput from '../text/TextInput.vue';
import { valueFilter } from './value-filter.js';

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
