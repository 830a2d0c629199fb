import { Module } from '@nestjs/common';
import { ACCESS, AccessModule, type Access } from '../access/index.js';
import type { Config } from '../base/config.js';
import { ACTOR_STORE, CONFIG, CONTEXTS } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { HOOKS, HooksModule, type Hooks } from '../hooks/index.js';
import type { ActorStore, ContextFactory } from '../sdk/index.js';
import { DATABASE, loadSecrets, StorageModule, type Database } from '../storage/index.js';
import { createReadLog, READ_LOG, type ReadLog } from './read-log.js';
import { createRecords } from './records.js';
import { RECORDS } from './types.js';

@Module({
  imports: [StorageModule, CatalogModule, AccessModule, HooksModule],
  providers: [
    { provide: READ_LOG, useFactory: () => createReadLog() },
    {
      provide: RECORDS,
      inject: [DATABASE, CATALOG, ACCESS, HOOKS, CONTEXTS, ACTOR_STORE, READ_LOG, CONFIG],
      useFactory: async (
        db: Database,
        catalog: CatalogService,
        access: Access,
        hooks: Hooks,
        contexts: ContextFactory,
        actors: ActorStore,
        reads: ReadLog,
        config: Config,
      ) => createRecords({ db, catalog, access, hooks, contexts, actors, reads, secrets: await loadSecrets(config) }),
    },
  ],
  exports: [RECORDS, READ_LOG],
})
export class RecordsModule {}
