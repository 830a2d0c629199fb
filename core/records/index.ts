/**
 * The one door to rows: validate → access → hooks → write → history → outbox, in one transaction; reads as one guarded
 * statement. Never knows HTTP, jobs or files. Invariant: no row is read or written without an actor's scope.
 */
export { addResults } from './bulk.js';
export { createRecords } from './records.js';
export { rotateSecrets, type Rotation } from './rotate-secrets.js';
export { noteDownload } from './sensitive.js';
export { createReadLog, READ_LOG, type ReadLog, type SensitiveRead } from './read-log.js';
export { RecordsModule } from './records.module.js';
export type { RecordsDeps } from './transaction.js';
export { RECORDS, type BulkCounts, type PersonalRecords, type Records, type RecordTexts } from './types.js';
export type { Belongings, Mention } from './personal.js';
