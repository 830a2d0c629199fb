import { conflict, missing } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { Log } from '../base/log.js';
import { workspaceLayer } from '../schema/index.js';
import type { Assessment } from './assess-plugins.js';
import type { Known } from './current-infos.js';
import type { FoundPlugin } from './plugin-store.js';
import { manifestOf } from './read-unchanged.js';
import type { ParsedPlugin, PluginInfo, SettingsSchema } from './types.js';

/** The plugin of an id; plugin.not_found with a suggestion where there is none. */
export function findInfo(infos: readonly PluginInfo[], id: string): PluginInfo {
  const info = infos.find((one) => one.id === id);
  if (!info)
    throw missing(
      'plugin.not_found',
      `There is no plugin "${id}".${didYouMean(
        id,
        infos.map((one) => one.id),
      )}`,
    );
  return info;
}

/** The description of a plugin's settings. Throws plugin.not_found, plugin.no_settings. */
export function schemaOf({ raws, infos }: Pick<Known, 'raws' | 'infos'>, id: string): SettingsSchema {
  const { title } = findInfo(infos, id);
  const schema = raws.map(manifestOf).find((manifest) => manifest?.id === id)?.settings;
  if (!schema) throw missing('plugin.no_settings', `"${title}" has no settings.`);
  return schema;
}

/** Why a plugin is not switched on: its first problem in words, all of them as issues. */
export function brokenPlugin(info: Pick<PluginInfo, 'title' | 'problems'>): Error {
  return conflict('plugin.broken', `"${info.title}" cannot run: ${info.problems[0]?.message ?? 'it has problems'}`, {
    issues: info.problems.map((problem) => ({
      path: `${problem.file}#${problem.pointer}`,
      code: problem.code,
      message: problem.message,
    })),
  });
}

/** What is kept of the plugins that an assessment found. */
export function toRows(infos: readonly PluginInfo[], assessment: Assessment): FoundPlugin[] {
  const seen = new Set<string>();
  return infos.flatMap((info, i) => {
    // A second folder with a taken id has no row of its own.
    if (
      seen.has(info.id) ||
      info.problems.some((problem) => problem.code === 'plugin.id_taken' && problem.pointer === '/id')
    )
      return [];
    seen.add(info.id);
    return [
      {
        id: info.id,
        version: info.version,
        hash: assessment.assessed[i].raw.hash,
        state: info.state,
        problems: info.problems,
      },
    ];
  });
}

/** True where the catalog's layers, the workspace's left out, are those of these plugins as they stand. */
export function sameLayers(
  plugins: readonly ParsedPlugin[],
  layers: readonly { readonly plugin: string; readonly hash: string }[],
): boolean {
  const others = layers.filter((layer) => layer.plugin !== workspaceLayer);
  return (
    plugins.length === others.length &&
    plugins.every((plugin) => others.some((layer) => layer.plugin === plugin.manifest.id && layer.hash === plugin.hash))
  );
}

/** Tells the operator what is wrong with each plugin. */
export function reportProblems(log: Log, infos: readonly PluginInfo[]): void {
  for (const info of infos) {
    for (const problem of info.problems)
      log.error({ plugin: info.id, code: problem.code }, `${problem.file}#${problem.pointer}: ${problem.message}`);
  }
}
