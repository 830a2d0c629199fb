import type { ActionDefinition, PageDefinition } from './actions.js';
import type { HookDefinition } from './hooks.js';
import type { JobDefinition } from './jobs.js';
import type { RecordData } from './records.js';

/** The code side of a plugin; everything else registers by place. */
export interface PluginDefinition {
  hooks?: readonly HookDefinition<never>[];
  jobs?: readonly JobDefinition<never>[];
  actions?: readonly ActionDefinition<never>[];
  pages?: readonly PageDefinition[];
}

/** Default export of a plugin's `index.ts`. */
export function definePlugin(plugin: PluginDefinition): PluginDefinition {
  return plugin;
}

/** A hook typed by the generated record type of its entity. */
export function defineHook<R = RecordData>(hook: HookDefinition<R>): HookDefinition<never> {
  return hook as unknown as HookDefinition<never>;
}

export function defineJob<P extends import('./records.js').Json>(job: JobDefinition<P>): JobDefinition<never> {
  return job as unknown as JobDefinition<never>;
}

/** An action typed by its input. */
export function defineAction<I extends import('./records.js').Json>(
  action: ActionDefinition<I>,
): ActionDefinition<never> {
  return action as unknown as ActionDefinition<never>;
}

export function definePage(page: PageDefinition): PageDefinition {
  return page;
}
