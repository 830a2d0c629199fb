import { NestFactory } from '@nestjs/core';
import { ACTIONS, type Actions } from '../actions/index.js';
import { AppModule, type LateActorStore } from '../app.module.js';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import { ACTOR_STORE, CONTEXTS } from '../base/tokens.js';
import { CATALOG, type CatalogService } from '../catalog/index.js';
import type { BindableContexts } from '../contexts.js';
import { IDENTITY, type Identity } from '../identity/index.js';
import { JOBS, type Jobs } from '../jobs/index.js';
import { MAIL, type Mail } from '../mail/index.js';
import { NOTIFICATIONS, type Notifications } from '../notifications/index.js';
import { PRIVACY, type Privacy } from '../privacy/index.js';
import { RECORDS, type Records } from '../records/index.js';
import { DATABASE, openServer, type Database } from '../storage/index.js';

/** The kernel without HTTP and jobs, for one command. */
export interface Kernel {
  readonly database: Database;
  readonly contexts: BindableContexts;
  get<T>(token: symbol): T;
}

/** Composes the kernel beside a server that may be running, does the work, and takes all down again. Plugins' code is not loaded. */
export async function withKernel<T>(config: Config, log: Log, work: (kernel: Kernel) => Promise<T>): Promise<T> {
  const server = await openServer(config, log, { share: true });
  try {
    const app = await NestFactory.createApplicationContext(
      AppModule.with({ ...config, databaseUrl: server.url }, log),
      { logger: false, abortOnError: false },
    );
    try {
      const contexts = app.get<BindableContexts>(CONTEXTS);
      contexts.bind({
        records: app.get<Records>(RECORDS),
        jobs: app.get<Jobs>(JOBS),
        mail: app.get<Mail>(MAIL),
        notifications: app.get<Notifications>(NOTIFICATIONS),
        privacy: app.get<Privacy>(PRIVACY),
        actions: app.get<Actions>(ACTIONS),
      });
      app.get<LateActorStore>(ACTOR_STORE).bind(app.get<Identity>(IDENTITY));
      await app.get<CatalogService>(CATALOG).reload();
      return await work({ database: app.get<Database>(DATABASE), contexts, get: (token) => app.get(token) });
    } finally {
      await app.close();
    }
  } finally {
    await server.close();
  }
}
