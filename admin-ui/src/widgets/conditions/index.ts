/**
 * The condition builder: conditions and groups of them as controls, beside their expression as text. A door of its own, since
 * only pages with filters or conditions need it.
 */
export { default as ConditionDialog } from './ConditionDialog.vue';
export { default as ConditionEditor } from './ConditionEditor.vue';
export { default as FieldMenu } from './FieldMenu.vue';
export { fieldsToFilter, freshCondition, withAdded, withItem } from './conditions.js';
export type { FieldLookup } from './lookup.js';
export { FIELD_LOOKUP } from './lookup.js';
