/**
 * The list of any entity: grid, cards, filter, views, selection, editing in place.
 * Never knows one entity by name, never shows a whole record: the page sets a record beside it.
 */
export { default as ListView } from './ListView.vue';
