import { Inject, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import { CONFIG, LOG } from '../base/tokens.js';
import { BACKUPS, DATABASE, type Backups, type Database } from '../storage/index.js';
import { backUpJob } from './back-up.js';
import { createJobs } from './create-jobs.js';
import { makePartitionsJob } from './make-partitions.js';
import { storageJobs, wantedStorageJobs } from './storage-work.js';
import { JOBS, type Jobs } from './types.js';

/** Provides the queue; `start` is called by the composition once all rooms have defined their jobs. */
@Module({
  providers: [
    {
      provide: JOBS,
      inject: [DATABASE, BACKUPS, CONFIG, LOG],
      useFactory(db: Database, backups: Backups, config: Config, log: Log): Jobs {
        const jobs = createJobs({ db, log, zone: config.workspace.zone, wanted: () => wantedStorageJobs(db) });
        storageJobs(db, log).forEach((job) => jobs.define(job));
        jobs.define(makePartitionsJob(db));
        // One's own server has one's own backups; there they are made when asked for.
        jobs.define(backUpJob(db, backups, config.databaseUrl === null ? config.backupHours : 0));
        return jobs;
      },
    },
  ],
  exports: [JOBS],
})
export class JobsModule implements BeforeApplicationShutdown {
  constructor(@Inject(JOBS) private readonly jobs: Jobs) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.jobs.stop();
  }
}
