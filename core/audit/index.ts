/**
 * The audit: what must be provable later (sign-ins, reads of sensitive fields, changes, exports, keys, roles, passwords). Owns
 * trellis.audit_*. Entries are appended unchained, and sealed into a chain of hashes in the order of their commits. It never changes an
 * entry; erasure takes an entry's details, retention takes old entries, and both leave entries that say so. Never holds secrets.
 * Invariants: payload_hash is sha256(salt || payload), so an erased payload leaves a proof and a kept one can be checked; hash is
 * sha256(hash before || place and contents), so that a change, removal or swap is found; one node at a time seals or prunes.
 */
export { AUDIT } from './audit.module.js';
export { AuditModule } from './audit.module.js';
export type { Audit } from './create-audit.js';
export { createAudit } from './create-audit.js';
export type { AuditEntry, AuditFilter, AuditQuery } from './list.js';
export { eraseEntries as eraseAudit, type Erasure } from './release.js';
export { readAnchor, verifyChain, type ChainCheck } from './verify.js';
