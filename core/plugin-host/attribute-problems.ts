import type { TrellisError } from '../base/errors.js';
import { extensionPrefix } from '../schema/index.js';
import type { ParsedPlugin, PluginProblem } from './types.js';

/** Finds the plugin whose entity or field a refusal of the catalog names (`contacts.company.loyalty_points`). */
export function attribute(error: TrellisError, plugins: readonly ParsedPlugin[]): PluginProblem[] {
  return (error.issues ?? []).flatMap((issue) => {
    const [owner, name, field] = issue.path.split('.');
    const byField = field?.includes('_')
      ? plugins.find((plugin) => field.startsWith(extensionPrefix(plugin.manifest.id)))
      : undefined;
    const plugin = byField ?? plugins.find((candidate) => candidate.manifest.id === owner);
    if (!plugin || plugin.manifest.id === 'core') return [];
    const file = byField ? `extends/${owner}.${name}.json` : `entities/${name}.json`;
    return [
      {
        plugin: plugin.manifest.id,
        file: `${plugin.label}/${file}`,
        pointer: field ? `/properties/${field}` : '',
        code: issue.code,
        message: issue.message,
      },
    ];
  });
}
