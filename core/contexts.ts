import { uuidv7 } from './base/ids.js';
import type { Config } from './base/config.js';
import type { Log } from './base/log.js';
import type { Actor, ContextFactory, Ctx, JobsApi, RecordsApi, Tx, Workspace } from './sdk/index.js';

/** The services that contexts lead to; they are made later than the factory, since they need it themselves. */
export interface ContextServices {
  readonly records: RecordsApi;
  readonly jobs: JobsApi;
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
}

const neverAborted = new AbortController().signal;

/** Makes the contexts of one workspace. */
export function createContexts(config: Config, log: Log, now: () => Date = () => new Date()): BindableContexts {
  let services: ContextServices | null = null;
  const workspace: Workspace = { id: 'default', ...config.workspace };
  const bound = (): ContextServices => {
    if (!services) throw new TypeError('A context was used before the kernel was composed.');
    return services;
  };

  const make = (parts: Parts): Ctx => ({
    ...parts,
    workspace,
    // A child logger costs more than most requests log.
    get log() {
      return log.child({ requestId: parts.requestId });
    },
    now,
    newId: () => uuidv7(now().getTime()),
    random: Math.random,
    get records() {
      return bound().records;
    },
    get jobs() {
      return bound().jobs;
    },
    asSystem: (reason) =>
      make({
        ...parts,
        actor: {
          kind: 'system',
          reason,
          onBehalfOf: parts.actor.kind === 'user' ? parts.actor.userId : parts.actor.onBehalfOf,
        },
      }),
    withTx: (tx) => make({ ...parts, tx }),
  });

  return {
    bind: (given) => void (services = given),
    forActor: (actor, options = {}) =>
      make({
        actor,
        tx: null,
        locale: options.locale ?? workspace.locale,
        zone: options.zone ?? workspace.zone,
        signal: options.signal ?? neverAborted,
        requestId: options.requestId ?? uuidv7(),
      }),
    system: (reason) =>
      make({
        actor: { kind: 'system', reason, onBehalfOf: null },
        tx: null,
        locale: workspace.locale,
        zone: workspace.zone,
        signal: neverAborted,
        requestId: uuidv7(),
      }),
    withActor: (ctx, actor) =>
      make({ actor, tx: ctx.tx, locale: ctx.locale, zone: ctx.zone, signal: ctx.signal, requestId: ctx.requestId }),
  };
}
