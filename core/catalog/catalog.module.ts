import { Module } from '@nestjs/common';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import { CONFIG, LOG } from '../base/tokens.js';
import { DATABASE, displayCollation, type Database } from '../storage/index.js';
import { createCatalogService, type CatalogHolder } from './catalog-service.js';
import { createChanges } from './changes/create-changes.js';
import { CHANGES } from './changes/types.js';
import { CATALOG } from './types.js';

@Module({
  providers: [
    {
      provide: CATALOG,
      inject: [DATABASE, CONFIG, LOG],
      useFactory: (db: Database, config: Config, log: Log) =>
        createCatalogService({
          db,
          log: log.child({ room: 'catalog' }),
          collation: displayCollation(config.workspace.locale),
          zone: config.workspace.zone,
        }),
    },
    {
      provide: CHANGES,
      inject: [DATABASE, CONFIG, LOG, CATALOG],
      useFactory: (db: Database, config: Config, log: Log, catalog: CatalogHolder) =>
        createChanges({
          db,
          catalog,
          log: log.child({ room: 'catalog' }),
          collation: displayCollation(config.workspace.locale),
          zone: config.workspace.zone,
        }),
    },
  ],
  exports: [CATALOG, CHANGES],
})
export class CatalogModule {}
