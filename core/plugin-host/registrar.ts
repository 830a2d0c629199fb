import { conflict } from '../base/errors.js';
import type { Hooks } from '../hooks/index.js';
import type {
  Ctx,
  HookBatch,
  HookDefinition,
  JobDefinition,
  JobQueue,
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
 * Hooks come and go with their plugin; a job, once defined, stays and refuses to run while its plugin is disabled.
 * `settingsOf` gives what a plugin's code sees as `ctx.settings`; null where it describes none.
 */
export function createRegistrar(
  hooks: Hooks,
  jobs: JobQueue,
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

  return {
    sync(enabled) {
      for (const [id, definition] of known) {
        if (enabled.has(id) && !active.has(id)) {
          for (const hook of definition.hooks ?? []) hooks.register(settled(id, hook));
          defineJobs(id, definition);
        } else if (!enabled.has(id) && active.has(id))
          for (const hook of definition.hooks ?? []) hooks.unregister(hook.id);
      }
      active = new Set([...enabled].filter((id) => known.has(id)));
    },
    learn: (id, definition) => void known.set(id, definition),
    knows: (id) => known.has(id),
  };
}
