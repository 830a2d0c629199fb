import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ACCESS, AccessModule, type Access } from '../access/index.js';
import type { Log } from '../base/log.js';
import { AUDIT_LOG, LOG } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
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
  imports: [JobsModule, RecordsModule, AccessModule, CatalogModule],
  providers: [
    {
      provide: AUDIT,
      inject: [DATABASE, JOBS, LOG, ACCESS, CATALOG],
      useFactory(database: Database, jobs: JobQueue, log: Log, access: Access, catalog: CatalogService) {
        auditJobs(database, log).forEach((job) => jobs.define(job));
        return createAudit({ database, mayRead: (ctx) => access.mayReadAudit(ctx, catalog.current) });
      },
    },
    { provide: AUDIT_LOG, useExisting: AUDIT },
    { provide: READ_WRITER, useFactory: createReadWriter, inject: [DATABASE, READ_LOG, LOG] },
  ],
  exports: [AUDIT, AUDIT_LOG],
})
export class AuditModule implements OnApplicationShutdown {
  constructor(@Inject(READ_WRITER) private readonly writer: ReadWriter) {}

  /** After the last answer went out, before the database closes. */
  async onApplicationShutdown(): Promise<void> {
    await this.writer.stop();
  }
}
