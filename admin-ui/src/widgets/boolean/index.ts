import { defineWidget } from '../../../sdk/index.js';
import { noFilter as BooleanFilter } from '../filters/index.js';
import BooleanCell from './BooleanCell.vue';
import { lazyInput } from '../lazy-input.js';

const BooleanInput = lazyInput('BooleanInput');

/** Yes or no. */
export const booleanWidget = defineWidget({
  id: 'boolean',
  kinds: ['boolean'],
  Input: BooleanInput,
  Cell: BooleanCell,
  Filter: BooleanFilter,
  options: { width: 100 },
});
