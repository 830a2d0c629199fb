import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ACTIONS, ActionsModule, type Actions } from '../actions/index.js';
import { ACCESS, AccessModule, type Access } from '../access/index.js';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import { CONFIG, CONTEXTS, LOG } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { HOOKS, HooksModule, type Hooks } from '../hooks/index.js';
import { JOBS, JobsModule, type Jobs } from '../jobs/index.js';
import type { ContextFactory } from '../sdk/index.js';
import { DATABASE, type Database } from '../storage/index.js';
import { registerSavedViewCheck } from './check-saved-views.js';
import { createPluginHost } from './plugin-host.js';
import { PLUGIN_HOST, type PluginHost } from './types.js';

/** Makes the host; `main` starts it before the server listens. Needs CONTEXTS from the application. */
@Module({
  imports: [ActionsModule, AccessModule, CatalogModule, HooksModule, JobsModule],
  providers: [
    {
      provide: PLUGIN_HOST,
      inject: [DATABASE, CATALOG, HOOKS, JOBS, CONTEXTS, CONFIG, LOG, ACCESS, ACTIONS],
      useFactory: (
        db: Database,
        catalog: CatalogService,
        hooks: Hooks,
        jobs: Jobs,
        contexts: ContextFactory,
        config: Config,
        log: Log,
        access: Access,
        actions: Actions,
      ) => {
        registerSavedViewCheck(hooks, { access, catalog });
        return createPluginHost({
          db,
          catalog,
          hooks,
          jobs,
          actions,
          contexts,
          config,
          log: log.child({ room: 'plugin-host' }),
        });
      },
    },
  ],
  exports: [PLUGIN_HOST],
})
export class PluginHostModule implements OnApplicationShutdown {
  constructor(@Inject(PLUGIN_HOST) private readonly host: PluginHost) {}

  async onApplicationShutdown(): Promise<void> {
    await this.host.stop();
  }
}
