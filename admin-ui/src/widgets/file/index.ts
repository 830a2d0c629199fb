import { defineWidget } from '../../../sdk/index.js';
import { noFilter } from '../filters/index.js';
import FileCell from './FileCell.vue';
import { lazyInput } from '../lazy-input.js';

const FileInput = lazyInput('FileInput');

/** One file: uploaded when chosen, linked when the record is saved. */
export const fileWidget = defineWidget({
  id: 'file',
  kinds: ['file'],
  Input: FileInput,
  Cell: FileCell,
  Filter: noFilter,
  options: { group: true, noInline: true, width: 180 },
});
