/**
 * All that edits a value, in one chunk: lists and records are read first, and its controls are the heaviest part of the admin.
 * Loaded by `lazy-input.ts` only.
 */
export { default as AddressInput } from './address/AddressInput.vue';
export { default as AnyLinkInput } from './link/AnyLinkInput.vue';
export { default as BooleanInput } from './boolean/BooleanInput.vue';
export { default as ChoiceFilter } from './filters/ChoiceFilter.vue';
export { default as ChoiceInput } from './choice/ChoiceInput.vue';
export { default as ColorInput } from './color/ColorInput.vue';
export { default as CurrencyInput } from './money/CurrencyInput.vue';
export { default as DateInput } from './date/DateInput.vue';
export { default as DurationInput } from './duration/DurationInput.vue';
export { default as FileInput } from './file/FileInput.vue';
export { default as GeoInput } from './geo/GeoInput.vue';
export { default as JsonInput } from './json/JsonInput.vue';
export { default as LinesInput } from './lines/LinesInput.vue';
export { default as LinkFilter } from './link/LinkFilter.vue';
export { default as LinkInput } from './link/LinkInput.vue';
export { default as LinkPicker } from './link/LinkPicker.vue';
export { default as LinksInput } from './link/LinksInput.vue';
export { default as MoneyInput } from './money/MoneyInput.vue';
export { default as NumberInput } from './number/NumberInput.vue';
export { default as RatingInput } from './rating/RatingInput.vue';
export { default as ReadOnlyInput } from './text/ReadOnlyInput.vue';
export { default as SecretInput } from './secret/SecretInput.vue';
export { default as TagsInput } from './tags/TagsInput.vue';
export { default as TextInput } from './text/TextInput.vue';
