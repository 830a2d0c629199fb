import { defineWidget } from '../../../sdk/index.js';
import ChoiceCell from '../choice/ChoiceCell.vue';
import { lazyInput } from '../lazy-input.js';

const ChoiceFilter = lazyInput('ChoiceFilter');
const TagsInput = lazyInput('TagsInput');

/** Free words, suggested from the options where there are any. */
export const tagsWidget = defineWidget({
  id: 'tags',
  kinds: ['tags'],
  Input: TagsInput,
  Cell: ChoiceCell,
  Filter: ChoiceFilter,
  options: { wide: true, width: 200 },
});
