import { defineWidget } from '../../../sdk/index.js';
import { durationFilter as DurationFilter } from '../filters/index.js';
import DurationCell from './DurationCell.vue';
import { lazyInput } from '../lazy-input.js';

const DurationInput = lazyInput('DurationInput');

/** Seconds, read and typed as `2h 30m`. */
export const durationWidget = defineWidget({
  id: 'duration',
  kinds: ['duration'],
  Input: DurationInput,
  Cell: DurationCell,
  Filter: DurationFilter,
  options: { numeric: true, width: 110 },
});
