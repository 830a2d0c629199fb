import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ActionsModule } from './actions/index.js';
import { AccessModule } from './access/index.js';
import { AuditModule } from './audit/index.js';
import type { Config } from './base/config.js';
import type { Log } from './base/log.js';
import { ACTOR_STORE, CONFIG, CONTEXTS, LOG } from './base/tokens.js';
import { CatalogModule } from './catalog/index.js';
import { createContexts } from './contexts.js';
import { ExchangeModule } from './exchange/index.js';
import { FilesModule } from './files/index.js';
import { HooksModule } from './hooks/index.js';
import { HttpModule } from './http/index.js';
import { IdentityModule, type Identity } from './identity/index.js';
import { JobsModule } from './jobs/index.js';
import { MailModule } from './mail/index.js';
import { NotificationsModule } from './notifications/index.js';
import { PluginHostModule } from './plugin-host/index.js';
import { PrivacyModule } from './privacy/index.js';
import { RecordsModule } from './records/index.js';
import type { ActorStore } from './sdk/index.js';
import { StorageModule } from './storage/index.js';

/** What exists before any room: configuration, log, and the two things that rooms on lower floors ask of higher ones. */
@Global()
@Module({})
class KernelModule {
  static with(config: Config, log: Log): DynamicModule {
    return {
      module: KernelModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOG, useValue: log },
        { provide: CONTEXTS, useValue: createContexts(config, log) },
        { provide: ACTOR_STORE, useFactory: createLateActorStore },
      ],
      exports: [CONFIG, LOG, CONTEXTS, ACTOR_STORE],
    };
  }
}

/** The actor store that records ask before identity is made. */
export interface LateActorStore extends ActorStore {
  bind(identity: Pick<Identity, 'load' | 'loadAll'>): void;
}

function createLateActorStore(): LateActorStore {
  let bound: Pick<Identity, 'load' | 'loadAll'> | null = null;
  const identity = () => {
    if (!bound) throw new TypeError('Actors were asked for before the kernel was composed.');
    return bound;
  };
  return {
    bind: (made) => void (bound = made),
    load: (...args) => identity().load(...args),
    loadAll: (...args) => identity().loadAll(...args),
  };
}

/** All rooms from storage up, composed for one workspace. */
@Module({})
export class AppModule {
  static with(config: Config, log: Log): DynamicModule {
    return {
      module: AppModule,
      imports: [
        KernelModule.with(config, log),
        StorageModule,
        JobsModule,
        HooksModule,
        CatalogModule,
        AccessModule,
        RecordsModule,
        AuditModule,
        IdentityModule,
        FilesModule,
        ExchangeModule,
        MailModule,
        NotificationsModule,
        ActionsModule,
        PrivacyModule,
        PluginHostModule,
        HttpModule,
      ],
    };
  }
}
