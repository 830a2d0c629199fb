/**
 * What is done with the data of one person: its dialog, its badge, and how a plan reads. The settings' page shows the rest.
 * Nothing here decides anything: the server plans, counts and refuses.
 */
export { default as ErasePlan } from './ErasePlan.vue';
export { default as PersonalDataDialog } from './PersonalDataDialog.vue';
export { default as PersonalData } from './PersonalData.vue';
