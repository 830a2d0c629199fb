import { lazyInput } from '../lazy-input.js';

/** Picks a record of an entity by searching; see LinkPicker.vue. */
export const LinkPicker = lazyInput('LinkPicker');
