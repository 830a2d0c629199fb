import { Module } from '@nestjs/common';
import { auditTraces } from '../audit/index.js';
import type { Config } from '../base/config.js';
import { AUDIT_LOG, CONFIG } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { EXCHANGE, ExchangeModule, importTraces, type Exchange } from '../exchange/index.js';
import { FILES, FilesModule, type Files } from '../files/index.js';
import { HOOKS, HooksModule, type Hooks } from '../hooks/index.js';
import { signInTraces } from '../identity/index.js';
import { JOBS, JobsModule, jobTraces } from '../jobs/index.js';
import { mailTraces } from '../mail/index.js';
import { notificationTraces } from '../notifications/index.js';
import { RECORDS, RecordsModule, type Records } from '../records/index.js';
import type { AuditLog, JobQueue } from '../sdk/index.js';
import { DATABASE, type Database } from '../storage/index.js';
import { createPrivacy } from './create-privacy.js';
import type { PrivacyDeps } from './deps.js';
import { eraseJob } from './erase-job.js';
import { exportJob } from './export-job.js';
import { guardPeople } from './guard-people.js';
import { retentionJob } from './retention.js';
import { PRIVACY, type Privacy } from './types.js';

/** Needs AUDIT_LOG from the global audit module. */
@Module({
  imports: [CatalogModule, RecordsModule, FilesModule, ExchangeModule, JobsModule, HooksModule],
  providers: [
    {
      provide: PRIVACY,
      inject: [DATABASE, CATALOG, RECORDS, FILES, EXCHANGE, JOBS, HOOKS, AUDIT_LOG, CONFIG],
      useFactory(
        database: Database,
        catalog: CatalogService,
        records: Records,
        files: Files,
        exchange: Exchange,
        jobs: JobQueue,
        hooks: Hooks,
        audit: AuditLog,
        config: Config,
      ): Privacy {
        const deps: PrivacyDeps = {
          database,
          catalog,
          records,
          files,
          exchange,
          audit,
          dataDir: config.dataDir,
          traces: [signInTraces, mailTraces, notificationTraces, jobTraces, importTraces, auditTraces],
        };
        jobs.define(eraseJob(deps));
        jobs.define(exportJob(deps));
        jobs.define(retentionJob(deps));
        guardPeople(catalog, hooks);
        return createPrivacy(deps);
      },
    },
  ],
  exports: [PRIVACY],
})
export class PrivacyModule {}
