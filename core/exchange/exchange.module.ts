import { Module } from '@nestjs/common';
import { ACCESS, AccessModule, type Access } from '../access/index.js';
import type { Config } from '../base/config.js';
import { ACTOR_STORE, AUDIT_LOG, CONFIG, CONTEXTS } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { JOBS, JobsModule, type Jobs } from '../jobs/index.js';
import { RECORDS, RecordsModule, type Records } from '../records/index.js';
import type { ActorStore, AuditLog, ContextFactory } from '../sdk/index.js';
import { DATABASE, StorageModule, type Database } from '../storage/index.js';
import { createExchange } from './exchange.js';
import { EXCHANGE } from './types.js';

@Module({
  imports: [StorageModule, CatalogModule, AccessModule, JobsModule, RecordsModule],
  providers: [
    {
      provide: EXCHANGE,
      inject: [DATABASE, CATALOG, ACCESS, RECORDS, JOBS, CONTEXTS, ACTOR_STORE, AUDIT_LOG, CONFIG],
      useFactory: (
        db: Database,
        catalog: CatalogService,
        access: Access,
        records: Records,
        jobs: Jobs,
        contexts: ContextFactory,
        actors: ActorStore,
        audit: AuditLog,
        config: Config,
      ) => createExchange({ db, catalog, access, records, jobs, contexts, actors, audit, dataDir: config.dataDir }),
    },
  ],
  exports: [EXCHANGE],
})
export class ExchangeModule {}
