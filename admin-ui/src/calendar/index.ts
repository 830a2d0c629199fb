/** Records on a calendar by a date field: months, weeks, days. Fetches what is in sight, moves by dragging; never filters by itself. */
export { default as CalendarView } from './CalendarView.vue';
