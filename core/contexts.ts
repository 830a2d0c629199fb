import { uuidv7 } from './base/ids.js';
import type { Config } from './base/config.js';
import type { Log } from './base/log.js';
import { createOutbound, type Outbound } from './outbound/index.js';
import type {
  ActionsApi,
  Actor,
  ContextFactory,
  Ctx,
  FetchAnswer,
  FetchInput,
  JobsApi,
  MailApi,
  NotificationsApi,
  PluginSettings,
  PrivacyApi,
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
  readonly privacy: PrivacyApi;
  readonly actions: ActionsApi;
}

/** A context factory whose services are bound once everything is made. Throws TypeError where one is used before. */
export interface BindableContexts extends ContextFactory {
  bind(services: ContextServices): void;
}

interface Parts {
  /** The instant at which all of a transaction happens; null: outside of one. */
  readonly at: number | null;
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

  const outbound = createOutbound({ allowed: config.outboundHosts });
  const shared: Shared = { workspace, log, now, services: bound, outbound };
  const make = (parts: Parts): Ctx => new Context(shared, parts);

  return {
    bind: (given) => void (services = given),
    forActor: (actor, options = {}) =>
      make({
        actor,
        tx: null,
        at: null,
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
        at: null,
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
        at: ctx.tx === null ? null : ctx.now().getTime(),
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
  readonly outbound: Outbound;
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
    const { at } = parts;
    this.now = at === null ? shared.now : () => new Date(at);
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

  get privacy(): PrivacyApi {
    return this.shared.services().privacy;
  }

  get actions(): ActionsApi {
    return this.shared.services().actions;
  }

  // Fields, so that they may be taken out of the context.
  readonly fetch = (input: FetchInput): Promise<FetchAnswer> => this.shared.outbound.fetch(input, this.signal);

  readonly newId = (): string => uuidv7(this.now().getTime());

  readonly asSystem = (reason: string): Ctx => {
    const { actor } = this;
    const onBehalfOf = actor.kind === 'user' ? actor.userId : actor.onBehalfOf;
    const { actedBy } = actor;
    return this.with({ actor: { kind: 'system', reason, onBehalfOf, ...(actedBy ? { actedBy } : {}) } });
  };

  /** All of a transaction happens at one instant: a record and its lines are made together. */
  readonly withTx = (tx: Tx): Ctx => this.with({ tx, at: this.now().getTime() });

  readonly withSettings = (settings: PluginSettings): Ctx => this.with({ settings });

  private with(change: Partial<Parts>): Ctx {
    const { parts } = this;
    return new Context(this.shared, {
      actor: parts.actor,
      tx: parts.tx,
      at: parts.at,
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
