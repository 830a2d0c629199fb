/**
 * Proof that what an actor may not read does not exist for it: the probes of every surface, generated from the catalog, over a running
 * server and its database, which it fills and changes at will. Stands on top of the house beside cli; nothing of the product imports it.
 * Never masks an answer broadly: what is new each time is left out by name (docs/decisions/0016-non-interference.md).
 */
export { verifyAccess } from './verify.js';
export type { Finding, FindingKind, VerifyInput, VerifyReport } from './types.js';
