/** The recycle bin: what was deleted, back again or gone for good. */
export { default as TrashList } from './TrashList.vue';
