import { broken, isTrellisError } from '../base/errors.js';
import { validateDefinition } from '../schema/index.js';
import { assessPlugins, type Assessment } from './assess-plugins.js';
import { attribute } from './attribute-problems.js';
import { loadCode } from './load-code.js';
import type { StoredPlugin } from './plugin-store.js';
import type { ImportModule, ParsedPlugin, PluginHostDeps, PluginProblem, RawPlugin } from './types.js';

/** Assesses and applies, leaving out plugins whose code or tables turn out not to work, until the rest stands. */
export async function applyPlugins(
  deps: PluginHostDeps,
  raws: readonly RawPlugin[],
  stored: readonly StoredPlugin[],
  importModule: ImportModule,
): Promise<Assessment> {
  const disabled = offOf(stored);
  const further = new Map<string, readonly PluginProblem[]>();
  for (;;) {
    const assessment = assessPlugins({ raws, disabled, validate: validateDefinition, further });
    mustHaveCore(assessment);
    const entities = new Set(
      assessment.plugins.flatMap((plugin) =>
        plugin.documents.filter(({ type }) => type === 'entity').map(({ id }) => id),
      ),
    );
    const failed = await loadAll(assessment.plugins, importModule, entities);
    const refused = failed.length > 0 ? failed : await tryApply(deps, assessment);
    if (refused.length === 0) return assessment;
    for (const problem of refused) further.set(problem.plugin, [...(further.get(problem.plugin) ?? []), problem]);
  }
}

async function loadAll(
  plugins: readonly ParsedPlugin[],
  importModule: ImportModule,
  entities: ReadonlySet<string>,
): Promise<PluginProblem[]> {
  const loaded = await Promise.all(plugins.map((plugin) => loadCode(plugin, importModule, entities)));
  return loaded.flatMap((code) => code.problems);
}

async function tryApply(deps: PluginHostDeps, assessment: Assessment): Promise<PluginProblem[]> {
  try {
    const { changed, statements } = await deps.catalog.apply(assessment.layers);
    if (changed) deps.log.info({ statements: statements.length, epoch: deps.catalog.current.epoch }, 'catalog applied');
    return [];
  } catch (error) {
    const problems =
      isTrellisError(error) && error.code.startsWith('catalog.') ? attribute(error, assessment.plugins) : [];
    if (problems.length === 0) throw error;
    return problems;
  }
}

function mustHaveCore(assessment: Assessment): void {
  if (assessment.plugins.some((plugin) => plugin.manifest.id === 'core')) return;
  const problems = assessment.assessed.find(({ raw }) => raw.origin === 'core')?.problems ?? [];
  const first = problems[0]
    ? `${problems[0].file}#${problems[0].pointer}: ${problems[0].message}`
    : 'core/system was not found';
  throw broken('plugin.core_broken', `The kernel's own definitions do not load: ${first}`, {
    issues: problems.map(({ file, pointer, code, message }) => ({ path: `${file}#${pointer}`, code, message })),
  });
}

/** Plugins that somebody has switched off or uninstalled. */
export function offOf(stored: readonly StoredPlugin[]): Set<string> {
  return new Set(
    stored.filter(({ state }) => state === 'disabled' || state === 'uninstalled').map((plugin) => plugin.id),
  );
}
