/**
 * The audit as administrators read it: its filters, an entry in full, the state of its chain, and how long kinds are kept.
 * Fetches nothing by itself; its texts are loaded when its page is.
 */
export { default as AuditChain } from './AuditChain.vue';
export { default as AuditDetails } from './AuditDetails.vue';
export { default as AuditFilters } from './AuditFilters.vue';
export { default as AuditKinds } from './AuditKinds.vue';
export { useAuditWords } from './use-audit-words.js';
export { dayAfter, startOfDay } from './days.js';
