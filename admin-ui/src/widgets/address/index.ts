import { defineWidget } from '../../../sdk/index.js';
import { textFilter as TextFilter } from '../filters/index.js';
import AddressCell from './AddressCell.vue';
import { lazyInput } from '../lazy-input.js';

const AddressInput = lazyInput('AddressInput');

/** Street, place, country; shown the way its country writes it. */
export const addressWidget = defineWidget({
  id: 'address',
  kinds: ['address'],
  Input: AddressInput,
  Cell: AddressCell,
  Filter: TextFilter,
  options: { wide: true, group: true, noInline: true, width: 240 },
});
