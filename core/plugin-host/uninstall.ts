import { conflict, invalid } from '../base/errors.js';
import type { CatalogService } from '../catalog/index.js';
import type { PluginInfo, UninstallPlan, UninstallPolicy } from './types.js';

/** What uninstalling would do to the data. */
export async function planUninstall(
  catalog: Pick<CatalogService, 'holdings'>,
  infos: readonly PluginInfo[],
  info: PluginInfo,
  policy: UninstallPolicy,
): Promise<UninstallPlan> {
  return {
    id: info.id,
    policy,
    ...(await catalog.holdings(info.id)),
    requiredBy: requiredBy(infos, info.id).map(({ id }) => id),
    confirm: policy === 'purge' ? info.id : null,
  };
}

/** Throws plugin.required where an enabled plugin needs it, or it is the kernel's own. */
export function mustNotBeRequired(infos: readonly PluginInfo[], info: PluginInfo, verb: string): void {
  if (info.id === 'core') throw conflict('plugin.required', `The kernel itself cannot be ${verb}.`);
  const users = requiredBy(infos, info.id).map(({ title }) => title);
  if (users.length > 0)
    throw conflict('plugin.required', `"${info.title}" is required by ${users.join(', ')}.`, {
      hint: 'Disable them first.',
    });
}

/** Throws plugin.confirm_required where data would be lost and nobody said so. */
export function mustBeConfirmed(plan: UninstallPlan, confirm: string | undefined): void {
  if (plan.confirm === null || plan.confirm === confirm) return;
  const rows = [...plan.entities, ...plan.fields].reduce((sum, one) => sum + one.rows, 0);
  throw invalid('plugin.confirm_required', `This would drop the data of "${plan.id}" for good (${rows} rows).`, {
    hint: `Look at ?plan=true, make a backup, and send {"policy": "purge", "confirm": "${plan.id}"}.`,
    params: { id: plan.id, rows },
  });
}

function requiredBy(infos: readonly PluginInfo[], id: string): PluginInfo[] {
  return infos.filter((other) => other.state === 'enabled' && other.id !== id && Object.hasOwn(other.requires, id));
}
