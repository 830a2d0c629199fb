/** Injection tokens of things that belong to no room. */
export const CONFIG = Symbol('CONFIG');
export const LOG = Symbol('LOG');
export const CONTEXTS = Symbol('CONTEXTS');
export const ACTOR_STORE = Symbol('ACTOR_STORE');
/** The `AuditLog` of core/sdk, provided by the audit room. */
export const AUDIT_LOG = Symbol('AUDIT_LOG');
