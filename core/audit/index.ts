/**
 * The audit: what must be provable later (sign-ins, exports, keys, roles, passwords). Owns trellis.audit_entry and
 * trellis.audit_payload. Never changes or removes an entry; never holds secrets.
 * Invariant: an entry's payload_hash is sha256(salt || payload), so an erased payload leaves a proof and a kept one can be checked.
 */
export { AUDIT } from './audit.module.js';
export { AuditModule } from './audit.module.js';
export type { Audit, AuditEntry, AuditQuery } from './create-audit.js';
export { auditTraces } from './traces.js';
export { createAudit, hashPayload } from './create-audit.js';
