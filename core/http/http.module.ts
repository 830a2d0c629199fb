import { Inject, Module } from '@nestjs/common';
import { AccessModule } from '../access/index.js';
import { AUDIT, type Audit } from '../audit/index.js';
import { CatalogModule, CHANGES, finishChangesJob, type Changes } from '../catalog/index.js';
import { ExchangeModule } from '../exchange/index.js';
import { FilesModule } from '../files/index.js';
import { JOBS, JobsModule } from '../jobs/index.js';
import { PluginHostModule } from '../plugin-host/index.js';
import { RecordsModule } from '../records/index.js';
import type { JobQueue } from '../sdk/index.js';
import { DATABASE, type Database } from '../storage/index.js';
import { AdminController } from './controllers/admin.controller.js';
import { BackupsController } from './controllers/backups.controller.js';
import { BulkController } from './controllers/bulk.controller.js';
import { CatalogController } from './controllers/catalog.controller.js';
import { ChangesController } from './controllers/changes.controller.js';
import { DocsController } from './controllers/docs.controller.js';
import { EventsController } from './controllers/events.controller.js';
import { FilesController } from './controllers/files.controller.js';
import { IdentityController } from './controllers/identity.controller.js';
import { ImportsController } from './controllers/imports.controller.js';
import { PluginsController } from './controllers/plugins.controller.js';
import { PackagesController } from './controllers/packages.controller.js';
import { RecordsController } from './controllers/records.controller.js';
import { SessionController } from './controllers/session.controller.js';
import { StudioController } from './controllers/studio.controller.js';
import { SystemController } from './controllers/system.controller.js';
import { cleanIdempotencyJob } from './idempotency.js';
import { createRouteTable } from './route-table.js';
import { ROUTES } from './tokens.js';

/** The HTTP room; identity and audit are global. */
@Module({
  imports: [AccessModule, CatalogModule, ExchangeModule, FilesModule, JobsModule, PluginHostModule, RecordsModule],
  controllers: [
    SystemController,
    SessionController,
    IdentityController,
    BulkController,
    RecordsController,
    FilesController,
    ImportsController,
    CatalogController,
    ChangesController,
    StudioController,
    PackagesController,
    AdminController,
    PluginsController,
    BackupsController,
    EventsController,
    DocsController,
  ],
  providers: [{ provide: ROUTES, useFactory: createRouteTable }],
})
export class HttpModule {
  constructor(
    @Inject(JOBS) jobs: JobQueue,
    @Inject(DATABASE) database: Database,
    @Inject(CHANGES) changes: Changes,
    @Inject(AUDIT) audit: Audit,
  ) {
    jobs.define(cleanIdempotencyJob(database));
    jobs.define(finishChangesJob(changes, { audit }));
  }
}
