import { defineWidget } from '../../../sdk/index.js';
import { dateFilter as DateFilter } from '../filters/index.js';
import DateCell from './DateCell.vue';
import { lazyInput } from '../lazy-input.js';

const DateInput = lazyInput('DateInput');

/** A calendar day, without a zone. */
export const dateWidget = defineWidget({
  id: 'date',
  kinds: ['date'],
  Input: DateInput,
  Cell: DateCell,
  Filter: DateFilter,
  options: { width: 120 },
});

/** An instant, typed and shown in the reader's zone. */
export const dateTimeWidget = defineWidget({
  id: 'dateTime',
  kinds: ['dateTime'],
  Input: DateInput,
  Cell: DateCell,
  Filter: DateFilter,
  options: { width: 150 },
});
