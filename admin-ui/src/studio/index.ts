/**
 * The Studio: editors that turn what an administrator does into operations of one change set. Edits are collected in the
 * browser (`useChanges`) and shown at once on a working copy; nothing counts before the change set is planned and applied.
 * Never writes a definition by itself, never renders records.
 */
export { useChanges } from './use-changes.js';
export { useDraftCatalog } from './use-draft-catalog.js';
export { default as ChangeBar } from './ChangeBar.vue';
export { default as ChangeCard } from './ChangeCard.vue';
export { default as ConflictCard } from './ConflictCard.vue';
export { default as DecisionDialog } from './DecisionDialog.vue';
export { default as DraftClash } from './DraftClash.vue';
export { default as TableWork } from './TableWork.vue';
export { default as OvertakenCard } from './OvertakenCard.vue';
export { keyOf, weighOvertaken, writesAt } from './overtaken.js';
export { useDraftClash } from './use-draft-clash.js';
export { default as RevertDialog } from './RevertDialog.vue';
export { default as PlanView } from './PlanView.vue';
export { default as EntityDialog } from './EntityDialog.vue';
export { default as FieldsTab } from './FieldsTab.vue';
export { default as LayoutTab } from './LayoutTab.vue';
export { default as ViewsTab } from './ViewsTab.vue';
export { default as RulesTab } from './RulesTab.vue';
export { default as RecordTypesTab } from './RecordTypesTab.vue';
export { default as EntityTab } from './EntityTab.vue';
export { default as NavigationGroup } from './NavigationGroup.vue';
export { default as TemplateEditor } from './TemplateEditor.vue';
export { default as PublishForm } from './PublishForm.vue';
export { default as AccessImpact } from './access/AccessImpact.vue';
export { touchesAccess } from './access/impact.js';
export { default as AccessTab } from './access/AccessTab.vue';
export { default as RoleMatrix } from './access/RoleMatrix.vue';
export { default as RoleNames } from './access/RoleNames.vue';
export { default as RolesTab } from './access/RolesTab.vue';
export { default as RuleList } from './access/RuleList.vue';
export { useRoleTitle } from './access/use-role-title.js';
export { useLocalDocuments } from './use-local-documents.js';
export { freeId } from './layout-model.js';
export { saveFile } from './save-file.js';
export type { Json } from './document.js';
