import { Module } from '@nestjs/common';
import type { Config } from '../base/config.js';
import { AUDIT_LOG, CONFIG } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { JOBS, JobsModule } from '../jobs/index.js';
import type { AuditLog, JobQueue } from '../sdk/index.js';
import { DATABASE, loadSecrets, type Database } from '../storage/index.js';
import { readMailbox } from './address.js';
import { cleanMailJob } from './clean.js';
import { createMail, type MailDeps } from './create-mail.js';
import { sendMailJob } from './send-queue.js';
import { readSmtpUrl } from './smtp.js';
import { MAIL, type Mail } from './types.js';

/** Needs AUDIT_LOG from the global audit module. */
@Module({
  imports: [CatalogModule, JobsModule],
  providers: [
    {
      provide: MAIL,
      inject: [DATABASE, CATALOG, JOBS, AUDIT_LOG, CONFIG],
      async useFactory(
        database: Database,
        catalog: CatalogService,
        jobs: JobQueue,
        audit: AuditLog,
        config: Config,
      ): Promise<Mail> {
        const publicUrl = (config.publicUrl ?? `http://localhost:${config.port}`).replace(/\/$/, '');
        const deps: MailDeps = {
          database,
          catalog,
          audit,
          secrets: await loadSecrets(config),
          server: config.smtpUrl === null ? null : readSmtpUrl(config.smtpUrl),
          from: config.mailFrom === null ? null : readMailbox(config.mailFrom),
          host: new URL(publicUrl).hostname,
          publicUrl,
          isPublicUrlSet: config.publicUrl !== null,
        };
        jobs.define(sendMailJob(deps));
        jobs.define(cleanMailJob(database));
        return createMail(deps);
      },
    },
  ],
  exports: [MAIL],
})
export class MailModule {}
