import { isTrellisError } from '../base/errors.js';
import { holdsOwnRecords } from './demo.js';
import { markSeeded, type StoredPlugin } from './plugin-store.js';
import { seedRecords } from './seed.js';
import type { ParsedPlugin, PluginHostDeps } from './types.js';

/**
 * Base records of new and changed plugins; demo records once, where they are asked for and nobody has made records yet. A
 * plugin whose seeds are refused runs without them.
 */
export async function seedPlugins(
  deps: PluginHostDeps,
  plugins: readonly ParsedPlugin[],
  before: readonly StoredPlugin[],
  now: readonly StoredPlugin[],
): Promise<void> {
  const wantsDemo = deps.config.seed === 'demo' && now.some(({ demo, state }) => demo === null && state === 'enabled');
  const isTaken = wantsDemo && (await holdsOwnRecords(deps.db));
  for (const plugin of plugins) {
    const { id } = plugin.manifest;
    const known = now.find((one) => one.id === id);
    const isSeeded = known?.seeded === true;
    const isDemoDue = wantsDemo && (known?.demo ?? null) === null;
    const isChanged = before.find((one) => one.id === id)?.hash !== plugin.hash;
    const due = plugin.seeds.filter((seed) => (seed.set === 'base' ? !isSeeded || isChanged : isDemoDue && !isTaken));
    try {
      const created =
        due.length === 0 ? 0 : await seedRecords(deps.contexts.system(`seed ${id}`), deps.catalog.current.schema, due);
      if (!isSeeded || isDemoDue) await markSeeded(deps.db, id, isDemoDue ? (isTaken ? 'declined' : 'seeded') : null);
      if (created > 0) deps.log.info({ plugin: id, records: created }, 'records seeded');
    } catch (error) {
      if (!isTrellisError(error) || error.kind === 'broken') throw error;
      deps.log.error(
        { plugin: id, code: error.code, issues: error.issues?.slice(0, 5) },
        `seeds left out: ${error.message}`,
      );
    }
  }
}
