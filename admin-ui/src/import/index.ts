/** From a file to records and back. Reads nothing of the file itself: the server does. */
export { default as ImportWizard } from './ImportWizard.vue';
