import { defineWidget } from '../../../sdk/index.js';
import { numberFilter as NumberFilter } from '../filters/index.js';
import RatingCell from './RatingCell.vue';
import { lazyInput } from '../lazy-input.js';

const RatingInput = lazyInput('RatingInput');

/** Stars. */
export const ratingWidget = defineWidget({
  id: 'rating',
  kinds: ['rating'],
  Input: RatingInput,
  Cell: RatingCell,
  Filter: NumberFilter,
  options: { width: 120 },
});
