import { Global, Inject, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import { AUDIT_LOG, CONFIG, LOG } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { HOOKS, HooksModule } from '../hooks/index.js';
import { JOBS, JobsModule } from '../jobs/index.js';
import type { AuditLog, HookRegistry, JobQueue } from '../sdk/index.js';
import { DATABASE, loadSecrets, type Database } from '../storage/index.js';
import { cleanIdentityJob } from './clean-identity.js';
import { createIdentity } from './create-identity.js';
import { sendResetLinkJob } from './reset-requests.js';
import { IDENTITY, type Identity } from './types.js';

/** Needs AUDIT_LOG from the global audit module. */
@Global()
@Module({
  imports: [CatalogModule, HooksModule, JobsModule],
  providers: [
    {
      provide: IDENTITY,
      inject: [DATABASE, CATALOG, AUDIT_LOG, HOOKS, JOBS, LOG, CONFIG],
      async useFactory(
        database: Database,
        catalog: CatalogService,
        audit: AuditLog,
        hooks: HookRegistry,
        jobs: JobQueue,
        log: Log,
        config: Config,
      ): Promise<Identity> {
        jobs.define(cleanIdentityJob(database));
        jobs.define(sendResetLinkJob(audit));
        return createIdentity({
          database,
          catalog,
          audit,
          hooks,
          log,
          secrets: await loadSecrets(config),
          publicUrl: config.publicUrl,
        });
      },
    },
  ],
  exports: [IDENTITY],
})
export class IdentityModule implements BeforeApplicationShutdown {
  constructor(@Inject(IDENTITY) private readonly identity: Identity) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.identity.close();
  }
}
