import { defineWidget } from '../../../sdk/index.js';
import { textFilter as TextFilter } from '../filters/index.js';
import TextCell from './TextCell.vue';
import { lazyInput } from '../lazy-input.js';

const ReadOnlyInput = lazyInput('ReadOnlyInput');
const TextInput = lazyInput('TextInput');

/** One line of text; also the last resort for a kind that nothing else serves. */
export const textWidget = defineWidget({
  id: 'text',
  kinds: ['text'],
  Input: TextInput,
  Cell: TextCell,
  Filter: TextFilter,
  options: { width: 200 },
});

/** Several lines of text. */
export const longTextWidget = defineWidget({
  id: 'longText',
  kinds: ['longText'],
  Input: TextInput,
  Cell: TextCell,
  Filter: TextFilter,
  options: { wide: true, width: 280 },
});

/** The record's own id. */
export const idWidget = defineWidget({
  id: 'id',
  kinds: ['id'],
  Input: ReadOnlyInput,
  Cell: TextCell,
  Filter: TextFilter,
  options: { width: 160, noInline: true },
});

/** A number given by the kernel: shown, never typed. */
export const autoNumberWidget = defineWidget({
  id: 'autoNumber',
  kinds: ['autoNumber'],
  Input: ReadOnlyInput,
  Cell: TextCell,
  Filter: TextFilter,
  options: { width: 120, noInline: true },
});
