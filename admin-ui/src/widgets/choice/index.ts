import { defineWidget } from '../../../sdk/index.js';
import ChoiceFilter from '../filters/ChoiceFilter.vue';
import ChoiceCell from './ChoiceCell.vue';
import ChoiceInput from './ChoiceInput.vue';

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
