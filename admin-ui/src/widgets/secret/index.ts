import { defineWidget } from '../../../sdk/index.js';
import { noFilter } from '../filters/index.js';
import { lazyInput } from '../lazy-input.js';
import SecretCell from './SecretCell.vue';

/** A text that is kept encrypted: one sees that there is one, and replaces it. */
export const secretWidget = defineWidget({
  id: 'secret',
  kinds: ['secret'],
  Input: lazyInput('SecretInput'),
  Cell: SecretCell,
  Filter: noFilter,
  options: { width: 120, noInline: true },
});
