/**
 * Personal data: who agreed to what, what is known of somebody, and how it goes. Owns trellis.privacy_request, its subjects,
 * trellis.erased_subject, privacy_kept, privacy_mark and retention_rule, and in the data directory `privacy/` and `erased.ndjson`.
 * It never touches a row by itself (records do), nor another room's traces but by the texts that the room gives it.
 * Invariants: nothing is erased that was not planned; a person's rows, traces and mark go in one transaction; plans,
 * certificates and the list of the erased hold ids and counts only; who is on that list is erased before anybody is served.
 */
export { knownErased } from './reapply.js';
export { appendErasedList, erasedListPath, readErasedList } from './erased-list.js';
export { hashCertificate } from './erase-job.js';
export { PrivacyModule } from './privacy.module.js';
export {
  PRIVACY,
  type Certificate,
  type Privacy,
  type PrivacyMark,
  type PrivacyRequest,
  type RetentionInput,
  type RetentionRule,
} from './types.js';
