import { invalid } from '../base/errors.js';
import type { Ctx, HookBatch, HookDefinition, HookOperation, HookRegistry, RecordData } from '../sdk/index.js';

type Hook = HookDefinition<RecordData>;

export interface Hooks extends HookRegistry {
  /** Takes a hook out again, when its plugin is disabled. */
  unregister(id: string): void;
  /** True where any hook would run (on an update: for these changed keys): lets a write skip what only hooks need. */
  has(entity: string, phase: Hook['phase'], operation: HookOperation, changed?: readonly string[]): boolean;
  /**
   * Runs the chain in order. A before hook's patches are handed to `apply`, so that the next one sees them.
   * Whatever a hook throws refuses the whole write.
   */
  run(
    ctx: Ctx,
    phase: Hook['phase'],
    batch: HookBatch<RecordData>,
    apply: (patches: readonly (Partial<RecordData> | null)[]) => HookBatch<RecordData>,
  ): Promise<void>;
}

/** Nest injection token of `Hooks`. */
export const HOOKS = Symbol('HOOKS');

/** An empty registry. */
export function createHooks(): Hooks {
  const hooks = new Map<string, Hook>();
  let chains = new Map<string, readonly Hook[]>();

  const chain = (entity: string, phase: string, operation: HookOperation): readonly Hook[] => {
    const key = `${entity} ${phase} ${operation}`;
    let known = chains.get(key);
    if (!known)
      chains.set(
        key,
        (known = orderHooks(
          [...hooks.values()].filter(
            (hook) =>
              (hook.entity === entity || hook.entity === '*') && hook.phase === phase && hook.on.includes(operation),
          ),
        )),
      );
    return known;
  };

  return {
    register(hook) {
      if (hooks.has(hook.id))
        throw invalid('hook.duplicate', `There is already a hook "${hook.id}".`, { params: { hook: hook.id } });
      hooks.set(hook.id, hook as unknown as Hook);
      chains = new Map();
    },
    unregister(id) {
      hooks.delete(id);
      chains = new Map();
    },
    has: (entity, phase, operation, changed) =>
      chain(entity, phase, operation).some(
        ({ fields }) => !changed || !fields || fields.some((field) => changed.includes(field)),
      ),
    async run(ctx, phase, batch, apply) {
      let current = batch;
      for (const hook of chain(batch.entity, phase, batch.operation)) {
        if (!concerns(hook, current)) continue;
        const patches = await hook.run(ctx, current);
        if (patches) current = apply(patches);
      }
    },
  };
}

function concerns(hook: Hook, batch: HookBatch<RecordData>): boolean {
  const { fields } = hook;
  return (
    !fields || batch.operation !== 'update' || batch.rows.some((row) => fields.some((field) => row.changed.has(field)))
  );
}

/** Topological by before/after, then by id, so that the order never depends on load order. Throws hook.cycle. */
export function orderHooks(hooks: readonly Hook[]): Hook[] {
  const byId = new Map(hooks.map((hook) => [hook.id, hook]));
  const earlier = new Map<string, Set<string>>(
    hooks.map((hook) => [hook.id, new Set((hook.after ?? []).filter((id) => byId.has(id)))]),
  );
  for (const hook of hooks) for (const id of hook.before ?? []) earlier.get(id)?.add(hook.id);
  const ordered: Hook[] = [];
  const waiting = [...byId.keys()].sort();
  while (waiting.length > 0) {
    const i = waiting.findIndex((id) =>
      [...(earlier.get(id) as Set<string>)].every((other) => !waiting.includes(other)),
    );
    if (i < 0)
      throw invalid('hook.cycle', `Hooks wait for each other: ${waiting.join(', ')}.`, { params: { hooks: waiting } });
    ordered.push(byId.get(waiting[i]) as Hook);
    waiting.splice(i, 1);
  }
  return ordered;
}
