import { Module } from '@nestjs/common';
import { ACTOR_STORE, CONTEXTS } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { HOOKS, HooksModule } from '../hooks/index.js';
import { JOBS, JobsModule } from '../jobs/index.js';
import type { ActorStore, ContextFactory, HookRegistry, JobQueue } from '../sdk/index.js';
import { DATABASE, type Database } from '../storage/index.js';
import { registerAssignmentHook } from './assignment-hook.js';
import { cleanNotificationsJob } from './clean.js';
import { createNotifications } from './create-notifications.js';
import type { NotificationDeps } from './deps.js';
import { mailNotificationsJob } from './mail-job.js';
import { NOTIFICATIONS, type Notifications } from './types.js';

@Module({
  imports: [CatalogModule, HooksModule, JobsModule],
  providers: [
    {
      provide: NOTIFICATIONS,
      inject: [DATABASE, CATALOG, CONTEXTS, ACTOR_STORE, JOBS, HOOKS],
      useFactory(
        database: Database,
        catalog: CatalogService,
        contexts: ContextFactory,
        actors: ActorStore,
        jobs: JobQueue,
        hooks: HookRegistry,
      ): Notifications {
        const deps: NotificationDeps = { database, catalog, contexts, actors };
        jobs.define(mailNotificationsJob(deps));
        jobs.define(cleanNotificationsJob(database));
        registerAssignmentHook(hooks);
        return createNotifications(deps);
      },
    },
  ],
  exports: [NOTIFICATIONS],
})
export class NotificationsModule {}
