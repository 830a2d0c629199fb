import { defineWidget } from '../../../sdk/index.js';
import { textFilter as TextFilter } from '../filters/index.js';
import ColorCell from './ColorCell.vue';
import { lazyInput } from '../lazy-input.js';

const ColorInput = lazyInput('ColorInput');

/** `#rrggbb`. */
export const colorWidget = defineWidget({
  id: 'color',
  kinds: ['color'],
  Input: ColorInput,
  Cell: ColorCell,
  Filter: TextFilter,
  options: { width: 110 },
});
