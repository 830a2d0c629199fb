import { defineWidget } from '../../../sdk/index.js';
import { textFilter as TextFilter } from '../filters/index.js';
import GeoCell from './GeoCell.vue';
import { lazyInput } from '../lazy-input.js';

const GeoInput = lazyInput('GeoInput');

/** A point on the map. */
export const geoWidget = defineWidget({
  id: 'geo',
  kinds: ['geo'],
  Input: GeoInput,
  Cell: GeoCell,
  Filter: TextFilter,
  options: { group: true, noInline: true, width: 160 },
});
