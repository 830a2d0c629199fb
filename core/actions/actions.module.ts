import { Module } from '@nestjs/common';
import type { Config } from '../base/config.js';
import { CONFIG, CONTEXTS } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { JOBS, JobsModule } from '../jobs/index.js';
import type { ContextFactory, JobQueue } from '../sdk/index.js';
import { DATABASE, loadSecret, type Database } from '../storage/index.js';
import { createActions } from './create-actions.js';
import { cleanCallsJob } from './rate-limit.js';
import { ACTIONS, type Actions } from './types.js';

@Module({
  imports: [CatalogModule, JobsModule],
  providers: [
    {
      provide: ACTIONS,
      inject: [DATABASE, CATALOG, CONTEXTS, JOBS, CONFIG],
      async useFactory(
        database: Database,
        catalog: CatalogService,
        contexts: ContextFactory,
        jobs: JobQueue,
        config: Config,
      ): Promise<Actions> {
        jobs.define(cleanCallsJob(database));
        return createActions({ database, catalog, contexts, linkKey: await loadSecret(config, 'public-links') });
      },
    },
  ],
  exports: [ACTIONS],
})
export class ActionsModule {}
