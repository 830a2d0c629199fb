import { Global, Inject, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Log } from '../base/log.js';
import { AUDIT_LOG, LOG } from '../base/tokens.js';
import { JOBS, JobsModule } from '../jobs/index.js';
import { READ_LOG, RecordsModule } from '../records/index.js';
import type { JobQueue } from '../sdk/index.js';
import { DATABASE, type Database } from '../storage/index.js';
import { createAudit } from './create-audit.js';
import { auditJobs } from './jobs.js';
import { createReadWriter, type ReadWriter } from './write-reads.js';

/** Nest injection token of `Audit`; the same object stands under AUDIT_LOG for rooms that only append. */
export const AUDIT = Symbol('AUDIT');
const READ_WRITER = Symbol('READ_WRITER');

@Global()
@Module({
  imports: [JobsModule, RecordsModule],
  providers: [
    {
      provide: AUDIT,
      inject: [DATABASE, JOBS, LOG],
      useFactory(database: Database, jobs: JobQueue, log: Log) {
        auditJobs(database, log).forEach((job) => jobs.define(job));
        return createAudit({ database });
      },
    },
    { provide: AUDIT_LOG, useExisting: AUDIT },
    { provide: READ_WRITER, useFactory: createReadWriter, inject: [DATABASE, READ_LOG, LOG] },
  ],
  exports: [AUDIT, AUDIT_LOG],
})
export class AuditModule implements BeforeApplicationShutdown {
  constructor(@Inject(READ_WRITER) private readonly writer: ReadWriter) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.writer.stop();
  }
}
