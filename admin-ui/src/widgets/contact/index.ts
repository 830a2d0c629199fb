import { defineWidget } from '../../../sdk/index.js';
import { textFilter as TextFilter } from '../filters/index.js';
import ContactCell from './ContactCell.vue';
import { lazyInput } from '../lazy-input.js';

const TextInput = lazyInput('TextInput');

const shared = { Input: TextInput, Cell: ContactCell, Filter: TextFilter };

/** A mail address; a click writes. */
export const emailWidget = defineWidget({ id: 'email', kinds: ['email'], ...shared, options: { width: 220 } });

/** A telephone number in E.164, shown in the international way; a click calls. */
export const phoneWidget = defineWidget({ id: 'phone', kinds: ['phone'], ...shared, options: { width: 160 } });

/** A web address; only http and https are followed. */
export const urlWidget = defineWidget({ id: 'url', kinds: ['url'], ...shared, options: { width: 200 } });
