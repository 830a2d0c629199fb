import { uuidv7 } from './base/ids.js';
import type { Config } from './base/config.js';
import type { Log } from './base/log.js';
import type {
  ActionsApi,
  Actor,
  ContextFactory,
  Ctx,
  JobsApi,
  MailApi,
  NotificationsApi,
  PluginSettings,
  RecordsApi,
  Tx,
  Workspace,
} from './sdk/index.js';

/** The services that contexts lead to; they are made later than the factory, since they need it themselves. */
export interface ContextServices {
  readonly records: RecordsApi;
  readonly jobs: JobsApi;
  readonly mail: MailApi;
  readonly notifications: NotificationsApi;
  readonly actions: ActionsApi;
}

/** A context factory whose services are bound once everything is made. Throws TypeError where one is used before. */
export interface BindableContexts extends ContextFactory {
  bind(services: ContextServices): void;
}

interface Parts {
  readonly actor: Actor;
  readonly tx: Tx | null;
  readonly locale: string;
  readonly zone: string;
  readonly signal: AbortSignal;
  readonly requestId: string;
  readonly settings: PluginSettings;
}

const noSettings: PluginSettings = Object.freeze({});
const neverAborted = new AbortController().signal;

/** Makes the contexts of one workspace. */
export function createContexts(config: Config, log: Log, now: () => Date = () => new Date()): BindableContexts {
  let services: ContextServices | null = null;
  const workspace: Workspace = { id: 'default', ...config.workspace };
  const bound = (): ContextServices => {
    if (!services) throw new TypeError('A context was used before the kernel was composed.');
    return services;
  };

  const shared: Shared = { workspace, log, now, services: bound };
  const make = (parts: Parts): Ctx => new Context(shared, parts);

  return {
    bind: (given) => void (services = given),
    forActor: (actor, options = {}) =>
      make({
        actor,
        tx: null,
        locale: options.locale ?? workspace.locale,
        zone: options.zone ?? workspace.zone,
        get signal() {
          return options.signal ?? neverAborted;
        },
        requestId: options.requestId ?? uuidv7(),
        settings: noSettings,
      }),
    system: (reason) =>
      make({
        actor: { kind: 'system', reason, onBehalfOf: null },
        tx: null,
        locale: workspace.locale,
        zone: workspace.zone,
        signal: neverAborted,
        requestId: uuidv7(),
        settings: noSettings,
      }),
    withActor: (ctx, actor) =>
      make({
        actor,
        tx: ctx.tx,
        locale: ctx.locale,
        zone: ctx.zone,
        get signal() {
          return ctx.signal;
        },
        requestId: ctx.requestId,
        settings: ctx.settings,
      }),
  };
}

interface Shared {
  readonly workspace: Workspace;
  readonly log: Log;
  readonly now: () => Date;
  readonly services: () => ContextServices;
}

/** One is made for every request, so what most requests never ask for (logger, signal, services) is made when it is asked for. */
class Context implements Ctx {
  readonly random = Math.random;
  readonly now: () => Date;
  readonly actor: Actor;
  readonly tx: Tx | null;
  readonly locale: string;
  readonly zone: string;
  readonly requestId: string;
  readonly settings: PluginSettings;
  readonly workspace: Workspace;

  constructor(
    private readonly shared: Shared,
    private readonly parts: Parts,
  ) {
    this.now = shared.now;
    this.workspace = shared.workspace;
    this.actor = parts.actor;
    this.tx = parts.tx;
    this.locale = parts.locale;
    this.zone = parts.zone;
    this.requestId = parts.requestId;
    this.settings = parts.settings;
  }

  get signal(): AbortSignal {
    return this.parts.signal;
  }

  get log(): Log {
    return this.shared.log.child({ requestId: this.requestId });
  }

  get records(): RecordsApi {
    return this.shared.services().records;
  }

  get jobs(): JobsApi {
    return this.shared.services().jobs;
  }

  get mail(): MailApi {
    return this.shared.services().mail;
  }

  get notifications(): NotificationsApi {
    return this.shared.services().notifications;
  }

  get actions(): ActionsApi {
    return this.shared.services().actions;
  }

  // Fields, so that they may be taken out of the context.
  readonly newId = (): string => uuidv7(this.now().getTime());

  readonly asSystem = (reason: string): Ctx => {
    const { actor } = this;
    const onBehalfOf = actor.kind === 'user' ? actor.userId : actor.onBehalfOf;
    const { actedBy } = actor;
    return this.with({ actor: { kind: 'system', reason, onBehalfOf, ...(actedBy ? { actedBy } : {}) } });
  };

  readonly withTx = (tx: Tx): Ctx => this.with({ tx });

  readonly withSettings = (settings: PluginSettings): Ctx => this.with({ settings });

  private with(change: Partial<Parts>): Ctx {
    const { parts } = this;
    return new Context(this.shared, {
      actor: parts.actor,
      tx: parts.tx,
      locale: parts.locale,
      zone: parts.zone,
      requestId: parts.requestId,
      settings: parts.settings,
      get signal() {
        return parts.signal;
      },
      ...change,
    });
  }
}
