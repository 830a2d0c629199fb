import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import { CONFIG, LOG } from '../base/tokens.js';
import { BACKUPS, createBackups } from './backup/backups.js';
import { openDatabase, type OpenDatabase } from './open.js';
import { DATABASE } from './tokens.js';

const OPEN_DATABASE = Symbol('OPEN_DATABASE');

/** Opens the database before anything else is made and closes it after everything else is gone. */
@Global()
@Module({
  providers: [
    {
      provide: OPEN_DATABASE,
      inject: [CONFIG, LOG],
      useFactory: (config: Config, log: Log) => openDatabase(config, log),
    },
    { provide: DATABASE, inject: [OPEN_DATABASE], useFactory: (opened: OpenDatabase) => opened.db },
    {
      provide: BACKUPS,
      inject: [OPEN_DATABASE, CONFIG, LOG],
      useFactory: ({ url }: OpenDatabase, { dataDir }: Config, log: Log) => createBackups({ url, dataDir, log }),
    },
  ],
  exports: [DATABASE, BACKUPS],
})
export class StorageModule implements OnApplicationShutdown {
  constructor(@Inject(OPEN_DATABASE) private readonly opened: OpenDatabase) {}

  async onApplicationShutdown(): Promise<void> {
    await this.opened.close();
  }
}
