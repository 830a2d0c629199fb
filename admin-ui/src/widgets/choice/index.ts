import { defineWidget } from '../../../sdk/index.js';
import ChoiceCell from './ChoiceCell.vue';
import { lazyInput } from '../lazy-input.js';

const ChoiceFilter = lazyInput('ChoiceFilter');
const ChoiceInput = lazyInput('ChoiceInput');

/** One of the options. */
export const choiceWidget = defineWidget({
  id: 'choice',
  kinds: ['choice'],
  Input: ChoiceInput,
  Cell: ChoiceCell,
  Filter: ChoiceFilter,
  options: { width: 140 },
});

/** Any number of the options. */
export const multiChoiceWidget = defineWidget({
  id: 'multiChoice',
  kinds: ['multiChoice'],
  Input: ChoiceInput,
  Cell: ChoiceCell,
  Filter: ChoiceFilter,
  options: { wide: true, width: 200 },
});
