import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ACTIONS, type Actions } from './actions/index.js';
import { AppModule, type LateActorStore } from './app.module.js';
import type { Config } from './base/config.js';
import type { Log } from './base/log.js';
import { ACTOR_STORE, CONTEXTS } from './base/tokens.js';
import type { BindableContexts } from './contexts.js';
import { createHttpApp, mustBeFree, portProblem } from './http/index.js';
import { IDENTITY, type Identity } from './identity/index.js';
import { JOBS, type Jobs } from './jobs/index.js';
import { MAIL, type Mail } from './mail/index.js';
import { NOTIFICATIONS, type Notifications } from './notifications/index.js';
import { PLUGIN_HOST, type PluginHost } from './plugin-host/index.js';
import { PRIVACY, type Privacy } from './privacy/index.js';
import { RECORDS, type Records } from './records/index.js';

export interface StartOptions {
  readonly config: Config;
  readonly log: Log;
  /** Called with the one-time password exactly when the first administrator was made. */
  readonly announce: (account: { email: string; password: string }) => void;
}

export interface Running {
  readonly app: NestFastifyApplication;
  readonly url: string;
  /** Stops accepting, finishes what runs, closes the database. */
  stop(): Promise<void>;
}

/**
 * Composes the kernel and brings it up in order: rooms, plugins and their tables, the first administrator, HTTP, jobs.
 * Throws TrellisErrors whose message is one clear line for the operator.
 */
export async function startTrellis({ config, log, announce }: StartOptions): Promise<Running> {
  await mustBeFree(config);
  const app = await createHttpApp(AppModule.with(config, log), { config, log });
  try {
    const contexts = app.get<BindableContexts>(CONTEXTS);
    const jobs = app.get<Jobs>(JOBS);
    const identity = app.get<Identity>(IDENTITY);
    const mail = app.get<Mail>(MAIL);
    contexts.bind({
      records: app.get<Records>(RECORDS),
      jobs,
      mail,
      notifications: app.get<Notifications>(NOTIFICATIONS),
      privacy: app.get<Privacy>(PRIVACY),
      actions: app.get<Actions>(ACTIONS),
    });
    app.get<LateActorStore>(ACTOR_STORE).bind(identity);
    const plugins = app.get<PluginHost>(PLUGIN_HOST);
    await plugins.start();
    // Before anybody is served: an older backup may have brought back who was erased; it may have been the only administrator.
    if (plugins.isInStep()) await app.get<Privacy>(PRIVACY).start(contexts.system('start'));
    // A node out of step writes nothing; those that run have an administrator.
    if (plugins.isInStep())
      await identity.ensureAdministrator(contexts.system('first start'), {
        email: config.adminEmail,
        password: config.adminPassword,
        announce,
      });
    await app.listen(config.port, config.host).catch((error: NodeJS.ErrnoException) => {
      throw portProblem(error, config.port) ?? error;
    });
    await jobs.start(contexts);
    if (plugins.isInStep()) await mail.wake(contexts.system('start'));
    return { app, url: await app.getUrl(), stop: () => app.close() };
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
}
