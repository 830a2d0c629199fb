import { checkLayers, type CatalogProblem, type Layer } from '../catalog/index.js';
import { orderPlugins } from './order-plugins.js';
import { parsePlugin, type ParseResult, type ValidateDocument } from './parse-plugin.js';
import { places } from './places.js';
import type { ParsedPlugin, PluginProblem, RawPlugin } from './types.js';

/** What became of one folder. */
export interface Assessed {
  readonly raw: RawPlugin;
  readonly result: ParseResult;
  readonly problems: readonly PluginProblem[];
}

export interface Assessment {
  /** Plugins that can run together, in the order of loading. */
  readonly plugins: readonly ParsedPlugin[];
  readonly layers: readonly Layer[];
  /** All folders in order of discovery, with their problems. */
  readonly assessed: readonly Assessed[];
}

export interface AssessInput {
  readonly raws: readonly RawPlugin[];
  /** Ids that somebody has switched off. */
  readonly disabled: ReadonlySet<string>;
  readonly validate: ValidateDocument;
  /** Problems found elsewhere (code, tables) by plugin id: such a plugin is left out. */
  readonly further?: ReadonlyMap<string, readonly PluginProblem[]>;
}

/** Finds the largest set of plugins that fit together, and says of each other one why it does not. Pure. */
export function assessPlugins(input: AssessInput): Assessment {
  const results = input.raws.map((raw) => parsePlugin(raw, input.validate));
  const found = new Map<ParseResult, PluginProblem[]>(
    results.map((result) => [result, [...result.problems, ...(input.further?.get(result.id) ?? [])]]),
  );
  for (;;) {
    const left = results.filter((result) => !isSound(result, found));
    const absent = new Map([
      ...left.map(({ id }) => [id, 'broken'] as const),
      ...[...input.disabled]
        .filter((id) => results.some((result) => result.id === id))
        .map((id) => [id, 'disabled'] as const),
    ]);
    const candidates = results.flatMap((result) =>
      isSound(result, found) && !input.disabled.has(result.id) ? [result.plugin as ParsedPlugin] : [],
    );
    const order = orderPlugins({ plugins: candidates, absent: withoutSound(absent, candidates) });
    const layers = toLayers(order.plugins);
    const problems = checkLayers(layers).map((problem) => toPluginProblem(problem, order.plugins));
    add(found, results, order.problems);
    if (problems.length === 0)
      return {
        plugins: order.plugins,
        layers,
        assessed: results.map((result, i) => ({ raw: input.raws[i], result, problems: found.get(result) ?? [] })),
      };
    add(found, results, problems);
  }
}

/** The layers of plugins in order; `core` is 0. */
export function toLayers(plugins: readonly ParsedPlugin[]): Layer[] {
  return plugins.map((plugin, position) => ({
    plugin: plugin.manifest.id,
    version: plugin.manifest.version,
    position,
    hash: plugin.hash,
    documents: plugin.documents,
  }));
}

function isSound(result: ParseResult, found: ReadonlyMap<ParseResult, readonly PluginProblem[]>): boolean {
  return result.plugin !== null && found.get(result)?.length === 0;
}

/** An id of which one folder is sound is not absent, whatever its twin is. */
function withoutSound(
  absent: ReadonlyMap<string, 'broken' | 'disabled'>,
  candidates: readonly ParsedPlugin[],
): ReadonlyMap<string, 'broken' | 'disabled'> {
  const sound = new Set(candidates.map((plugin) => plugin.manifest.id));
  return new Map([...absent].filter(([id]) => !sound.has(id)));
}

/** Lays problems beside the folder whose file they name; of twins only one is meant. */
function add(
  found: Map<ParseResult, PluginProblem[]>,
  results: readonly ParseResult[],
  problems: readonly PluginProblem[],
): void {
  for (const problem of problems) {
    const owner =
      results.find((result) => result.plugin !== null && problem.file.startsWith(`${result.plugin.label}/`)) ??
      results.find((result) => result.id === problem.plugin);
    if (
      owner &&
      !found
        .get(owner)
        ?.some(
          (known) =>
            known.file === problem.file && known.pointer === problem.pointer && known.message === problem.message,
        )
    )
      found.get(owner)?.push(problem);
  }
}

/** A fault of the effective catalog is told at the file of the plugin that wrote the definition. */
function toPluginProblem(problem: CatalogProblem, plugins: readonly ParsedPlugin[]): PluginProblem {
  const plugin = plugins.find((candidate) => candidate.manifest.id === problem.plugin) ?? plugins[0];
  const folder = Object.keys(places).find((place) => places[place] === problem.type) ?? problem.type;
  const name = problem.id.slice(problem.id.indexOf('.') + 1);
  return {
    plugin: plugin.manifest.id,
    file: `${plugin.label}/${folder}/${name}.json`,
    pointer: problem.pointer,
    code: problem.code,
    message: problem.message,
  };
}
