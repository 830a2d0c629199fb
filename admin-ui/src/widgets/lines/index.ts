import { defineWidget } from '../../../sdk/index.js';
import { noFilter } from '../filters/index.js';
import { lazyInput } from '../lazy-input.js';
import LinesCell from './LinesCell.vue';

/** Child records in a grid inside the form of their parent. */
export const linesWidget = defineWidget({
  id: 'lines',
  kinds: ['lines'],
  Input: lazyInput('LinesInput'),
  Cell: LinesCell,
  Filter: noFilter,
  options: { wide: true, width: 120, group: true, noInline: true },
});
