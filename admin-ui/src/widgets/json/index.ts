import { defineWidget } from '../../../sdk/index.js';
import { textFilter as TextFilter } from '../filters/index.js';
import JsonCell from './JsonCell.vue';
import { lazyInput } from '../lazy-input.js';

const JsonInput = lazyInput('JsonInput');

/** Any JSON, checked while it is typed. */
export const jsonWidget = defineWidget({
  id: 'json',
  kinds: ['json'],
  Input: JsonInput,
  Cell: JsonCell,
  Filter: TextFilter,
  options: { wide: true, noInline: true, width: 200 },
});
