import { Inject, Module } from '@nestjs/common';
import { ActionsModule } from '../actions/index.js';
import { AccessModule } from '../access/index.js';
import { AUDIT, type Audit } from '../audit/index.js';
import { CatalogModule, CHANGES, finishChangesJob, type Changes } from '../catalog/index.js';
import { ExchangeModule } from '../exchange/index.js';
import { FilesModule } from '../files/index.js';
import { JOBS, JobsModule } from '../jobs/index.js';
import { MailModule } from '../mail/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { PluginHostModule } from '../plugin-host/index.js';
import { RecordsModule } from '../records/index.js';
import type { JobQueue } from '../sdk/index.js';
import { DATABASE, type Database } from '../storage/index.js';
import { ActionsController } from './controllers/actions.controller.js';
import { AdminController } from './controllers/admin.controller.js';
import { AuditController } from './controllers/audit.controller.js';
import { BackupsController } from './controllers/backups.controller.js';
import { BulkController } from './controllers/bulk.controller.js';
import { CatalogController } from './controllers/catalog.controller.js';
import { ChangesController } from './controllers/changes.controller.js';
import { DocsController } from './controllers/docs.controller.js';
import { EventsController } from './controllers/events.controller.js';
import { FilesController } from './controllers/files.controller.js';
import { IdentityController } from './controllers/identity.controller.js';
import { ImportsController } from './controllers/imports.controller.js';
import { MailController } from './controllers/mail.controller.js';
import { NotificationsController } from './controllers/notifications.controller.js';
import { PasskeysController } from './controllers/passkeys.controller.js';
import { OidcController } from './controllers/oidc.controller.js';
import { ProvidersController } from './controllers/providers.controller.js';
import { PluginsController } from './controllers/plugins.controller.js';
import { PackagesController } from './controllers/packages.controller.js';
import { PublicPagesController } from './controllers/public-pages.controller.js';
import { RecordsController } from './controllers/records.controller.js';
import { SharesController } from './controllers/shares.controller.js';
import { SecondFactorController } from './controllers/second-factor.controller.js';
import { SessionController } from './controllers/session.controller.js';
import { SignInController } from './controllers/sign-in.controller.js';
import { DirectoryController } from './controllers/directory.controller.js';
import { ImpersonationController } from './controllers/impersonation.controller.js';
import { ScimController } from './controllers/scim.controller.js';
import { ScimGroupsController } from './controllers/scim-groups.controller.js';
import { StudioController } from './controllers/studio.controller.js';
import { SystemController } from './controllers/system.controller.js';
import { ServiceAccountsController, UsersController } from './controllers/users.controller.js';
import { TemplatesController } from './controllers/templates.controller.js';
import { cleanIdempotencyJob } from './idempotency.js';
import { createRouteTable } from './route-table.js';
import { ROUTES } from './tokens.js';

/** The HTTP room; identity and audit are global. */
@Module({
  imports: [
    AccessModule,
    CatalogModule,
    ExchangeModule,
    FilesModule,
    JobsModule,
    PluginHostModule,
    RecordsModule,
    ActionsModule,
    MailModule,
    NotificationsModule,
  ],
  controllers: [
    SystemController,
    SessionController,
    SignInController,
    SecondFactorController,
    PasskeysController,
    OidcController,
    ProvidersController,
    IdentityController,
    UsersController,
    ServiceAccountsController,
    DirectoryController,
    ImpersonationController,
    ScimController,
    ScimGroupsController,
    BulkController,
    RecordsController,
    SharesController,
    FilesController,
    ImportsController,
    CatalogController,
    ChangesController,
    StudioController,
    PackagesController,
    AdminController,
    AuditController,
    PluginsController,
    BackupsController,
    EventsController,
    DocsController,
    ActionsController,
    MailController,
    NotificationsController,
    PublicPagesController,
    TemplatesController,
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
