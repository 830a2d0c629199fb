/**
 * The outbox, its dispatcher, the durable queue and its schedules (pg-boss in the schema `trellis_jobs`).
 * It never runs work outside of a job, and nobody else calls pg-boss.
 * Invariants: a job or event exists exactly if its transaction commits; outbox rows are consumed in (xid, id) order, only below
 * the oldest running transaction; a job runs at least once, on one living node at a time.
 */
export { backUpJobName } from './back-up.js';
export { backupPlan, type BackupPlan } from './backup-plan.js';
export { JOBS, type JobInfo, type Jobs, type JobState, type JobStats, type ScheduleInfo } from './types.js';
export { createJobs, type JobsDeps } from './create-jobs.js';
export { JobsModule } from './jobs.module.js';
export { jobTraces } from './traces.js';
export { outboxInsertSql, writeOutbox } from './outbox.js';
export { storageJobs, wantedStorageJobs } from './storage-work.js';
