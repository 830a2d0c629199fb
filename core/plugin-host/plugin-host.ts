import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { broken, conflict, isTrellisError, missing } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import { validateDefinition } from '../schema/index.js';
import { assessPlugins, type Assessment } from './assess-plugins.js';
import { attribute } from './attribute-problems.js';
import { discoverPlugins } from './discover.js';
import { createImporter, loadCode } from './load-code.js';
import { readUnchanged } from './read-unchanged.js';
import { markSeeded, readPlugins, setState, writePlugins, type StoredPlugin } from './plugin-store.js';
import { readPlugin } from './read-plugin.js';
import { createRegistrar } from './registrar.js';
import { seedRecords } from './seed.js';
import { toInfo } from './plugin-info.js';
import type { ParsedPlugin, PluginHost, PluginHostDeps, PluginInfo, PluginProblem, RawPlugin } from './types.js';

/** A host that has found nothing yet; `start` does all. */
export function createPluginHost(deps: PluginHostDeps): PluginHost {
  const home = deps.home ?? dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const importModule = deps.importModule ?? createImporter(home);
  const registrar = createRegistrar(deps.hooks, deps.jobs);
  let raws: readonly RawPlugin[] = [];
  let runnable = new Map<string, ParsedPlugin>();
  let infos: readonly PluginInfo[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  let stopListening: (() => Promise<void>) | null = null;

  /** What nodes have switched on or off elsewhere counts here too. */
  const syncCode = async (): Promise<void> => {
    const enabled = new Set(deps.catalog.current.layers.map((layer) => layer.plugin));
    const entities = new Set(deps.catalog.current.schema.entities.keys());
    for (const id of enabled) {
      const plugin = runnable.get(id);
      if (!plugin || registrar.knows(id)) continue;
      const code = await loadCode(plugin, importModule, entities);
      if (code.problems.length === 0) registrar.learn(id, code.definition);
      else deps.log.error({ plugin: id, problem: code.problems[0].message }, 'plugin code left out');
    }
    registrar.sync(enabled);
  };

  const install = async (): Promise<void> => {
    const stored = await readPlugins(deps.db);
    const unchanged = readUnchanged(raws, stored);
    if (unchanged !== null) {
      await deps.catalog.reload();
      if (sameLayers(unchanged.plugins, deps.catalog.current.layers)) {
        runnable = new Map(unchanged.plugins.map((plugin) => [plugin.manifest.id, plugin]));
        infos = unchanged.assessed.map((one) => toInfo(one, unchanged.plugins, stored));
        await syncCode();
        return;
      }
    }
    await withInstallLock(deps, async () => {
      const assessment = await applyAll(deps, raws, stored, importModule);
      runnable = new Map(assessment.plugins.map((plugin) => [plugin.manifest.id, plugin]));
      infos = assessment.assessed.map((one) => toInfo(one, assessment.plugins, stored));
      await writePlugins(deps.db, toRows(infos, assessment));
      await syncCode();
      await seedAll(deps, assessment.plugins, stored, await readPlugins(deps.db));
      report(deps, infos);
    });
  };

  const switchTo = async (id: string, state: 'enabled' | 'disabled'): Promise<PluginInfo> => {
    await setState(deps.db, id, state);
    await install();
    return findInfo(infos, id);
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  };

  return {
    start: () =>
      inTurn(async () => {
        const folders = await discoverPlugins({
          home,
          packageRoots: [home, dirname(home)],
          pluginDirs: deps.config.pluginDirs,
        });
        raws = await Promise.all(folders.map(readPlugin));
        await install();
        deps.catalog.onChange(
          () =>
            void inTurn(syncCode).catch((error: unknown) =>
              deps.log.error({ err: error }, 'plugins not brought in step with the catalog'),
            ),
        );
        stopListening = await deps.db.listen(
          'trellis_catalog',
          () =>
            void deps.catalog.reload().catch((error: unknown) => deps.log.warn({ err: error }, 'catalog not reloaded')),
        );
      }),
    async stop() {
      await stopListening?.();
      stopListening = null;
    },
    list: () => infos,
    enable: (id) =>
      inTurn(async () => {
        const before = findInfo(infos, id);
        if (before.state === 'enabled') return before;
        const after = await switchTo(id, 'enabled');
        if (after.state === 'enabled') return after;
        if (before.state === 'disabled') await switchTo(id, 'disabled');
        throw conflict(
          'plugin.broken',
          `"${after.title}" cannot run: ${after.problems[0]?.message ?? 'it has problems'}`,
          {
            issues: after.problems.map((problem) => ({
              path: `${problem.file}#${problem.pointer}`,
              code: problem.code,
              message: problem.message,
            })),
          },
        );
      }),
    disable: (id) =>
      inTurn(async () => {
        const info = findInfo(infos, id);
        const users = infos
          .filter((other) => other.state === 'enabled' && Object.hasOwn(other.requires, id))
          .map((other) => other.title);
        if (id === 'core') throw conflict('plugin.required', 'The kernel itself cannot be disabled.');
        if (users.length > 0)
          throw conflict('plugin.required', `"${info.title}" is required by ${users.join(', ')}.`, {
            hint: 'Disable them first.',
          });
        return info.state === 'disabled' ? info : switchTo(id, 'disabled');
      }),
  };
}

/** Assesses and applies, leaving out plugins whose code or tables turn out not to work, until the rest stands. */
async function applyAll(
  deps: PluginHostDeps,
  raws: readonly RawPlugin[],
  stored: readonly StoredPlugin[],
  importModule: NonNullable<PluginHostDeps['importModule']>,
): Promise<Assessment> {
  const disabled = new Set(stored.filter((plugin) => plugin.state === 'disabled').map((plugin) => plugin.id));
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
  importModule: NonNullable<PluginHostDeps['importModule']>,
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

/** One node installs at a time; the others wait and then find the work done. */
async function withInstallLock(deps: PluginHostDeps, work: () => Promise<void>): Promise<void> {
  await deps.db.transaction(async () => work(), {
    opening: `select pg_advisory_xact_lock(hashtext('trellis.plugins'))`,
    retries: 0,
  });
}

/** Base records of new and changed plugins, demo records of those never seen before. A plugin whose seeds are refused runs without them. */
async function seedAll(
  deps: PluginHostDeps,
  plugins: readonly ParsedPlugin[],
  before: readonly StoredPlugin[],
  now: readonly StoredPlugin[],
): Promise<void> {
  for (const plugin of plugins) {
    const { id } = plugin.manifest;
    const isSeeded = now.find((one) => one.id === id)?.seeded === true;
    const isChanged = before.find((one) => one.id === id)?.hash !== plugin.hash;
    const due = plugin.seeds.filter((seed) =>
      seed.set === 'base' ? !isSeeded || isChanged : !isSeeded && deps.config.seed === 'demo',
    );
    try {
      const created =
        due.length === 0 ? 0 : await seedRecords(deps.contexts.system(`seed ${id}`), deps.catalog.current.schema, due);
      if (!isSeeded) await markSeeded(deps.db, id);
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

function toRows(infos: readonly PluginInfo[], assessment: Assessment): Omit<StoredPlugin, 'seeded'>[] {
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

function report(deps: PluginHostDeps, infos: readonly PluginInfo[]): void {
  for (const info of infos) {
    for (const problem of info.problems)
      deps.log.error({ plugin: info.id, code: problem.code }, `${problem.file}#${problem.pointer}: ${problem.message}`);
  }
}

function sameLayers(
  plugins: readonly ParsedPlugin[],
  layers: readonly { readonly plugin: string; readonly hash: string }[],
): boolean {
  return (
    plugins.length === layers.length &&
    plugins.every((plugin) => layers.some((layer) => layer.plugin === plugin.manifest.id && layer.hash === plugin.hash))
  );
}

function findInfo(infos: readonly PluginInfo[], id: string): PluginInfo {
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
