/**
 * The generated form: layout from the form document or from the entity, values, checks, drafts, saving.
 * Knows no page and no list; a keystroke touches one field only.
 */
export type { LayoutField, LayoutSection } from './layout.js';
export { editableLayout, isEditable, layoutOf, siblingKeys } from './layout.js';
export { default as ConflictDialog } from './ConflictDialog.vue';
export { default as FormSections } from './FormSections.vue';
export { default as RecordForm } from './RecordForm.vue';
export { useIssueText } from './use-issue-text.js';
export { useLeaveGuard } from './use-leave-guard.js';
export type { Conflict } from './use-save.js';
export { useFormOf } from './use-form-of.js';
export { useVisibleSections } from './use-visible-sections.js';
export type { FieldIssue } from './validate.js';
export { checkField } from './validate.js';
export { mapIssues } from './issues.js';
export type { Values } from './values.js';
export { changesBody, createBody, duplicateValues, initialValues, sameValue } from './values.js';
