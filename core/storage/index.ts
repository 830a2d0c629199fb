/**
 * The database: pool and transactions, the embedded server, the kernel's migrations, tables of entities by difference with the work
 * that follows (indexes, rollups, purges), backups, and the doctor. The only room that knows TypeORM and `pg`.
 * It never reads or writes a business record by itself, but for the columns of rollups, and drops only what it is told to purge.
 * Invariants: migrations run once, in order, under a lock; DDL of entities depends on the schema model and the standing shape
 * only; a change waits at most 300 ms for locks; a field once placed in a table stays there; the search index is on
 * `searchExpression`; a backup is one snapshot.
 */
export type { Database, PoolState, TransactionOptions } from './types.js';
export { createDatabase, type DatabaseOptions } from './database.js';
export { DATABASE } from './tokens.js';
export { StorageModule } from './storage.module.js';
export { openDatabase, openServer, type OpenDatabase, type OpenServer } from './open.js';
export { startEmbedded, type EmbeddedOptions, type EmbeddedServer } from './embedded.js';
export { runMigrations } from './migrate.js';
export { migrations } from './migrations/index.js';
export { loadSecret, loadSecrets } from './secret.js';
export type { Secrets } from './secrets.js';
export { isRetryable, pgCode } from './database-errors.js';
export { convertingColumns, type ConvertingColumn } from './converting.js';
export { emptyShape, readShape, type DatabaseShape } from './ddl/shape.js';
export { ddlMaker } from './ddl/maker.js';
export { planDdl, type DdlOptions } from './ddl/plan.js';
export type { DdlLock, DdlStep } from './ddl/step.js';
export { findLostValues, mustKeepValues, runDdl, wantedChannel, type LostValues } from './ddl/run.js';
export { catalogLock, letOthersPass } from './ddl/make-way.js';
export { planAbandoning, planInStages, type Preparation, type StagedPlan } from './ddl/prepare.js';
export { buildPendingIndexes, type BuildInput, type StorageProgress } from './ddl/build-pending.js';
export { convertColumns, fillNumbers, fillRollups, pendingWorkSql, purgeHistory } from './ddl/tasks.js';
export { tryOnShadow, type ShadowFault } from './ddl/shadow.js';
export { displayCollation } from './ddl/indexes.js';
export { sequenceName, uniqueKeys } from './ddl/names.js';
export { searchExpression } from '../schema/index.js';
export { BACKUPS, createBackups, filesFolder, type BackupInfo, type Backups } from './backup/backups.js';
export { restoreDatabase, verifyBackup, type RestoreInput } from './backup/restore.js';
export { examine, type DoctorInput } from './doctor.js';
export type { Finding } from './finding.js';
