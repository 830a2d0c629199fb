import { defineWidget } from '../../../sdk/index.js';
import { numberFilter as NumberFilter } from '../filters/index.js';
import RatingCell from './RatingCell.vue';
import RatingInput from './RatingInput.vue';

/** Stars. */
export const ratingWidget = defineWidget({
  id: 'rating',
  kinds: ['rating'],
  Input: RatingInput,
  Cell: RatingCell,
  Filter: NumberFilter,
  options: { width: 120 },
});
