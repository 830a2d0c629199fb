import type { Actions } from '../actions/index.js';
import { conflict } from '../base/errors.js';
import type { Hooks } from '../hooks/index.js';
import type {
  ActionDefinition,
  Ctx,
  HookBatch,
  HookDefinition,
  JobDefinition,
  JobQueue,
  PageDefinition,
  PluginDefinition,
  PluginSettings,
} from '../sdk/index.js';

/** Registers the code of plugins while they are enabled. */
export interface Registrar {
  /** Makes the code of exactly these plugins count. Ids without code are passed over. */
  sync(enabled: ReadonlySet<string>): void;
  /** Learns the code of a plugin; it counts from the next `sync` on. */
  learn(id: string, definition: PluginDefinition): void;
  knows(id: string): boolean;
}

/**
 * Hooks, actions and pages come and go with their plugin; a job, once defined, stays and refuses to run while its plugin is disabled.
 * `settingsOf` gives what a plugin's code sees as `ctx.settings`; null where it describes none.
 */
export function createRegistrar(
  hooks: Hooks,
  jobs: JobQueue,
  actions: Pick<Actions, 'register' | 'unregister'>,
  settingsOf: (id: string) => PluginSettings | null,
): Registrar {
  const known = new Map<string, PluginDefinition>();
  const withJobs = new Set<string>();
  let active = new Set<string>();

  const defineJobs = (id: string, definition: PluginDefinition): void => {
    if (withJobs.has(id)) return;
    withJobs.add(id);
    for (const job of (definition.jobs ?? []) as unknown as readonly JobDefinition[])
      jobs.define({ ...job, run: guarded(id, job) });
  };
  const guarded =
    (id: string, job: JobDefinition): JobDefinition['run'] =>
    async (ctx, payload) => {
      if (active.has(id)) return job.run(withSettings(ctx, id), payload);
      // A schedule may pass unheard; work that was ordered is kept for when the plugin is back.
      if (job.schedule === undefined)
        throw conflict('plugin.disabled', `The plugin "${id}" is disabled, so its job ${job.name} waits.`);
    };

  const withSettings = (ctx: Ctx, id: string): Ctx => {
    const settings = settingsOf(id);
    return settings === null ? ctx : ctx.withSettings(settings);
  };
  /** A hook of a plugin without settings runs as it is: it is on the way of every write. */
  const settled = (id: string, hook: HookDefinition<never>): HookDefinition<never> =>
    settingsOf(id) === null
      ? hook
      : { ...hook, run: (ctx: Ctx, batch: HookBatch<never>) => hook.run(withSettings(ctx, id), batch) };

  /** Actions and pages see the settings as they stand when they are called. */
  const doorsOf = (
    id: string,
    definition: PluginDefinition,
  ): { actions: ActionDefinition[]; pages: PageDefinition[] } => ({
    actions: ((definition.actions ?? []) as unknown as readonly ActionDefinition[]).map((action) => ({
      ...action,
      run: (ctx, input) => action.run(withSettings(ctx, id), input),
    })),
    pages: (definition.pages ?? []).map((page) => ({
      ...page,
      load: (ctx, input) => page.load(withSettings(ctx, id), input),
    })),
  });

  return {
    sync(enabled) {
      for (const [id, definition] of known) {
        if (enabled.has(id) && !active.has(id)) {
          for (const hook of definition.hooks ?? []) hooks.register(settled(id, hook));
          defineJobs(id, definition);
          actions.register(doorsOf(id, definition));
        } else if (!enabled.has(id) && active.has(id)) {
          for (const hook of definition.hooks ?? []) hooks.unregister(hook.id);
          actions.unregister(doorsOf(id, definition));
        }
      }
      active = new Set([...enabled].filter((id) => known.has(id)));
    },
    learn: (id, definition) => void known.set(id, definition),
    knows: (id) => known.has(id),
  };
}
