import { defineWidget } from '../../../sdk/index.js';
import { noFilter as BooleanFilter } from '../filters/index.js';
import BooleanCell from './BooleanCell.vue';
import BooleanInput from './BooleanInput.vue';

/** Yes or no. */
export const booleanWidget = defineWidget({
  id: 'boolean',
  kinds: ['boolean'],
  Input: BooleanInput,
  Cell: BooleanCell,
  Filter: BooleanFilter,
  options: { width: 100 },
});
