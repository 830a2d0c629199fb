import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { ACCESS, AccessModule, type Access } from '../access/index.js';
import type { Config } from '../base/config.js';
import { CONFIG } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { JOBS, JobsModule } from '../jobs/index.js';
import type { JobQueue } from '../sdk/index.js';
import { DATABASE, type Database } from '../storage/index.js';
import { createBlobStore } from './blob-store.js';
import { collectBlobsJob } from './collect-blobs.js';
import { createFiles } from './create-files.js';
import { FILES, type Files } from './types.js';

@Module({
  imports: [AccessModule, CatalogModule, JobsModule],
  providers: [
    {
      provide: FILES,
      inject: [DATABASE, ACCESS, CATALOG, JOBS, CONFIG],
      useFactory(database: Database, access: Access, catalog: CatalogService, jobs: JobQueue, config: Config): Files {
        const store = createBlobStore(join(config.dataDir, 'files'));
        jobs.define(collectBlobsJob({ database, store }));
        return createFiles({ access, catalog, store, database });
      },
    },
  ],
  exports: [FILES],
})
export class FilesModule {}
