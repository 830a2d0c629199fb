import semver from 'semver';
import { didYouMean } from '../base/suggest.js';
import type { PluginManifest, PluginProblem } from './types.js';

/** What ordering needs of a plugin. */
export interface Candidate {
  readonly manifest: PluginManifest;
  /** Folder as messages call it. */
  readonly label: string;
}

export interface OrderInput<P extends Candidate> {
  /** Plugins without problems of their own, in order of discovery. */
  readonly plugins: readonly P[];
  /** Ids that are there but left out, with the word for why: `broken` or `disabled`. */
  readonly absent: ReadonlyMap<string, 'broken' | 'disabled'>;
}

export interface Ordered<P extends Candidate> {
  /** Each after all that it requires; among equals by id. */
  readonly plugins: readonly P[];
  readonly problems: readonly PluginProblem[];
}

/** Checks versions, conflicts and cycles, and puts plugins in the order of loading. A plugin that requires a left-out one is left out too. */
export function orderPlugins<P extends Candidate>(input: OrderInput<P>): Ordered<P> {
  const { unique, problems } = withoutTwins(input.plugins);
  const absent = new Map(input.absent);
  let remaining = unique;
  for (;;) {
    const byId = new Map(remaining.map((plugin) => [plugin.manifest.id, plugin]));
    const found = remaining.flatMap((plugin) => relationProblems(plugin, byId, absent));
    if (found.length === 0) break;
    problems.push(...found);
    const bad = new Set(found.map((problem) => problem.plugin));
    for (const id of bad) absent.set(id, 'broken');
    remaining = remaining.filter((plugin) => !bad.has(plugin.manifest.id));
  }
  const sorted = sortByNeed(remaining);
  if (sorted.cycle.length === 0) return { plugins: sorted.plugins, problems };
  // Cut out what stands in the cycle and look again: others may have required it.
  const cycle = cycleProblems(sorted.cycle);
  const inCycle = new Set(sorted.cycle.map((plugin) => plugin.manifest.id));
  for (const id of inCycle) absent.set(id, 'broken');
  const rest = orderPlugins({ plugins: remaining.filter((plugin) => !inCycle.has(plugin.manifest.id)), absent });
  return { plugins: rest.plugins, problems: [...problems, ...cycle, ...rest.problems] };
}

function withoutTwins<P extends Candidate>(plugins: readonly P[]): { unique: readonly P[]; problems: PluginProblem[] } {
  const first = new Map<string, P>();
  const problems: PluginProblem[] = [];
  for (const plugin of plugins) {
    const twin = first.get(plugin.manifest.id);
    if (!twin) first.set(plugin.manifest.id, plugin);
    else
      problems.push(
        problem(
          plugin,
          '/id',
          'plugin.id_taken',
          `the id "${plugin.manifest.id}" is taken by ${twin.label}; only that one is loaded.`,
        ),
      );
  }
  return { unique: [...first.values()], problems };
}

function relationProblems<P extends Candidate>(
  plugin: P,
  byId: ReadonlyMap<string, P>,
  absent: ReadonlyMap<string, 'broken' | 'disabled'>,
): PluginProblem[] {
  const { requires, optional, conflicts, id } = plugin.manifest;
  const problems: PluginProblem[] = [];
  for (const [other, range] of Object.entries(requires)) {
    const found = byId.get(other);
    if (!found)
      problems.push(
        problem(
          plugin,
          `/requires/${other}`,
          absent.has(other) ? `plugin.requires_${absent.get(other)}` : 'plugin.requires_missing',
          whyAbsent(other, range, byId, absent),
        ),
      );
    else if (!fits(found, range))
      problems.push(problem(plugin, `/requires/${other}`, 'plugin.requires_version', versionText(id, found, range)));
  }
  for (const [other, range] of Object.entries(optional)) {
    const found = byId.get(other);
    if (found && !fits(found, range))
      problems.push(problem(plugin, `/optional/${other}`, 'plugin.requires_version', versionText(id, found, range)));
  }
  for (const [other, range] of Object.entries(conflicts)) {
    const found = byId.get(other);
    if (found && fits(found, range)) {
      problems.push(
        problem(
          plugin,
          `/conflicts/${other}`,
          'plugin.conflict',
          `cannot run beside ${other} ${found.manifest.version} (it excludes ${range}); disable one of the two.`,
        ),
      );
    }
  }
  return problems;
}

function whyAbsent(
  other: string,
  range: string,
  byId: ReadonlyMap<string, Candidate>,
  absent: ReadonlyMap<string, 'broken' | 'disabled'>,
): string {
  const state = absent.get(other);
  if (state === 'broken') return `requires "${other}", which has problems of its own; mend that one first.`;
  if (state === 'disabled') return `requires "${other}", which is disabled; enable that one first.`;
  return `requires "${other}" ${range}, which is not installed.${didYouMean(other, byId.keys())} Put it into plugins/ or install its package.`;
}

function versionText(id: string, found: Candidate, range: string): string {
  const { id: other, version } = found.manifest;
  const wanted = semver.minVersion(range);
  const newer = wanted !== null && semver.gt(wanted, version);
  return `requires ${other} ${range}, but ${version} is installed; ${newer ? `upgrade ${other} to ${wanted.version} or newer` : `install a version of ${id} made for ${other} ${version}`}.`;
}

function fits(plugin: Candidate, range: string): boolean {
  return semver.satisfies(plugin.manifest.version, range, { includePrerelease: true });
}

function problem(plugin: Candidate, pointer: string, code: string, message: string): PluginProblem {
  return { plugin: plugin.manifest.id, file: `${plugin.label}/plugin.json`, pointer, code, message };
}

/** What must be loaded before a plugin: all that it requires, and what it uses where present. */
function needs(plugin: Candidate): string[] {
  return [...Object.keys(plugin.manifest.requires), ...Object.keys(plugin.manifest.optional)];
}

function sortByNeed<P extends Candidate>(plugins: readonly P[]): { plugins: readonly P[]; cycle: readonly P[] } {
  const waiting = new Map(
    [...plugins].sort((a, b) => (rank(a) < rank(b) ? -1 : 1)).map((plugin) => [plugin.manifest.id, plugin]),
  );
  const done: P[] = [];
  for (;;) {
    const next = [...waiting.values()].find((plugin) => needs(plugin).every((id) => !waiting.has(id)));
    if (!next) break;
    waiting.delete(next.manifest.id);
    done.push(next);
  }
  return { plugins: done, cycle: waiting.size === 0 ? [] : findCycle(waiting) };
}

/** The kernel first, whatever it is called beside. */
function rank(plugin: Candidate): string {
  return plugin.manifest.id === 'core' ? '' : plugin.manifest.id;
}

/** Walks needs from any waiting plugin until one comes again. */
function findCycle<P extends Candidate>(waiting: ReadonlyMap<string, P>): readonly P[] {
  const path: P[] = [];
  let plugin = [...waiting.values()][0];
  while (!path.includes(plugin)) {
    path.push(plugin);
    plugin = waiting.get(needs(plugin).find((id) => waiting.has(id)) ?? '') ?? path[0];
  }
  return path.slice(path.indexOf(plugin));
}

function cycleProblems(cycle: readonly Candidate[]): PluginProblem[] {
  const ids = cycle.map((plugin) => plugin.manifest.id);
  return cycle.map((plugin, i) => {
    const round = [...ids.slice(i), ...ids.slice(0, i), ids[i]].join(' → ');
    const next = ids[(i + 1) % ids.length];
    const key = next in plugin.manifest.requires ? 'requires' : 'optional';
    return problem(
      plugin,
      `/${key}/${next}`,
      'plugin.cycle',
      `plugins require one another in a circle: ${round}. Take one of these out of its plugin.json.`,
    );
  });
}
