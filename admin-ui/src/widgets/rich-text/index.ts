import { defineAsyncComponent } from 'vue';
import { defineWidget } from '../../../sdk/index.js';
import { textFilter } from '../filters/index.js';
import RichTextCell from './RichTextCell.vue';

/** Text with headings, lists and links; the editor (tiptap) is loaded when the first one is shown. */
export const richTextWidget = defineWidget({
  id: 'richText',
  kinds: ['richText'],
  Input: defineAsyncComponent(() => import('./RichTextInput.vue')),
  Cell: RichTextCell,
  Filter: textFilter,
  options: { wide: true, group: true, noInline: true, width: 260 },
});
