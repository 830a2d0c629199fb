/**
 * One record and everything around it. Never knows one entity by name, except the kernel's attachments.
 */
export { takeDuplicate } from './duplicate.js';
export { presetsOf } from './preset.js';
export { relatedFilter } from './related-lists.js';
export { default as AccessView } from './AccessView.vue';
export { default as RecordPanel } from './RecordPanel.vue';
export { default as RecordSkeleton } from './RecordSkeleton.vue';
