/** Records in columns by a choice field. Fetches and moves; never filters by itself. */
export { default as BoardView } from './BoardView.vue';
