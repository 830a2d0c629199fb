import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conflict } from '../base/errors.js';
import type { Catalog } from '../catalog/index.js';
import { validateDefinition } from '../schema/index.js';
import type { PluginSettings } from '../sdk/index.js';
import { assessPlugins } from './assess-plugins.js';
import { applyPlugins, offOf } from './apply-plugins.js';
import { readCurrent } from './current-infos.js';
import { discoverPlugins } from './discover.js';
import { withWarnings } from './find-warnings.js';
import { createImporter, loadCode } from './load-code.js';
import { manifestOf, readUnchanged } from './read-unchanged.js';
import { isBehind, outOfStep } from './in-step.js';
import { mustNotBeOlder, openPackage, planPackage, type OpenedPackage } from './packages/install-package.js';
import { readPackages, removePackage, writePackage } from './packages/package-store.js';
import {
  dropRoles,
  forgetPlugin,
  readPlugins,
  setState,
  settingsChannel,
  storedSettings,
  withInstallLock,
  writePlugins,
  writeSettings,
  type StoredPlugin,
} from './plugin-store.js';
import { readPlugin } from './read-plugin.js';
import { createRegistrar } from './registrar.js';
import { seedPlugins } from './seed-plugins.js';
import { changedSettings, effectiveSettings, settingsInfo } from './settings.js';
import { toInfo } from './plugin-info.js';
import { brokenPlugin, findInfo, reportProblems, sameLayers, schemaOf, toRows } from './plugin-infos.js';
import type { ParsedPlugin, PluginHost, PluginHostDeps, PluginInfo, PluginState, RawPlugin } from './types.js';
import { mustBeConfirmed, mustNotBeRequired, planUninstall } from './uninstall.js';

/** A host that has found nothing yet; `start` does all. */
export function createPluginHost(deps: PluginHostDeps): PluginHost {
  const home = deps.home ?? dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const importModule = deps.importModule ?? createImporter(home);
  const settings = new Map<string, PluginSettings>();
  const registrar = createRegistrar(deps.hooks, deps.jobs, deps.actions, (id) => settings.get(id) ?? null);
  let folders: readonly RawPlugin[] = [];
  let raws: readonly RawPlugin[] = [];
  let runnable = new Map<string, ParsedPlugin>();
  let infos: readonly PluginInfo[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  let stopListening: readonly (() => Promise<void>)[] = [];
  let inStep = true;
  /** Packages were found that are not installed on this node yet. */
  let isDue = false;

  /** What nodes have switched on or off elsewhere counts here too. */
  const syncCode = async (): Promise<void> => {
    if (!inStep) return;
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

  const current = () => readCurrent(deps.db, { folders, raws, infos });
  /** In turn, before anything is decided: what other nodes did counts, whether their notice is here or not. */
  const refresh = async (): Promise<void> => {
    const now = await current();
    isDue ||= now.raws !== raws;
    ({ raws, infos } = now);
  };
  const findPackages = async (): Promise<void> => {
    raws = [...folders, ...(await readPackages(deps.db))];
  };

  /** Lets this node work, or not: with other files than the catalog's it must neither read nor write. */
  const step = (catalog: Catalog, layers = catalog.layers): void => {
    const problem = outOfStep(raws, layers);
    deps.catalog.suspend(problem);
    if (inStep === (problem === null)) return;
    inStep = problem === null;
    deps.jobs.hold(!inStep);
    if (problem) deps.log.error({ code: problem.code }, problem.message);
    else deps.log.info({ epoch: catalog.epoch }, 'in step with the catalog again');
  };
  const readSettings = async (): Promise<void> => {
    const stored = await readPlugins(deps.db);
    for (const manifest of raws.map(manifestOf))
      if (manifest?.settings)
        settings.set(manifest.id, effectiveSettings(manifest.settings, storedSettings(stored, manifest.id)));
  };

  const install = async (): Promise<void> => {
    isDue = false;
    const stored = await readPlugins(deps.db);
    await readSettings();
    const unchanged = readUnchanged(raws, stored, deps.config.seed);
    if (unchanged !== null) {
      await deps.catalog.reload();
      if (sameLayers(unchanged.plugins, deps.catalog.current.layers)) {
        runnable = new Map(unchanged.plugins.map((plugin) => [plugin.manifest.id, plugin]));
        infos = unchanged.assessed.map((one) => toInfo(one, unchanged.plugins, stored));
        await syncCode();
        return;
      }
    }
    await withInstallLock(deps.db, async () => {
      const catalog = await deps.catalog.reload();
      // Going back to older files is the operator's choice, but not while others run the newer ones.
      if (isBehind(raws, catalog.layers) && (await deps.jobs.hasOtherNodes())) {
        const { assessed, plugins } = assessPlugins({ raws, disabled: offOf(stored), validate: validateDefinition });
        infos = assessed.map((one) => toInfo(one, plugins, stored));
        step(catalog);
        return;
      }
      const assessment = await applyPlugins(deps, raws, stored, importModule);
      runnable = new Map(assessment.plugins.map((plugin) => [plugin.manifest.id, plugin]));
      infos = assessment.assessed.map((one) => toInfo(one, assessment.plugins, stored));
      await writePlugins(deps.db, toRows(infos, assessment));
      await syncCode();
      await seedPlugins(deps, assessment.plugins, stored, await readPlugins(deps.db));
      reportProblems(deps.log, infos);
    });
  };

  const switchTo = async (id: string, state: Exclude<PluginState, 'failed'>): Promise<PluginInfo> => {
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
        const found = await discoverPlugins({
          home,
          packageRoots: [home, dirname(home)],
          pluginDirs: deps.config.pluginDirs,
        });
        folders = await Promise.all(found.map(readPlugin));
        await findPackages();
        await install();
        // A node out of step leaves the tables to those that run.
        if (inStep) await deps.catalog.mend();
        deps.catalog.onChange((catalog) => {
          const wasInStep = inStep;
          // A plugin that is no folder here may be a package that another node has just installed.
          const ids = new Set(folders.map((raw) => manifestOf(raw)?.id));
          step(
            catalog,
            catalog.layers.filter((layer) => ids.has(layer.plugin)),
          );
          void inTurn(async () => {
            await refresh();
            step(deps.catalog.current);
            await (isDue || (inStep && !wasInStep) ? install() : syncCode());
          }).catch((error: unknown) => deps.log.error({ err: error }, 'plugins not brought in step with the catalog'));
        });
        const told = (work: () => Promise<unknown>, what: string) => () =>
          void work().catch((error: unknown) => deps.log.warn({ err: error }, what));
        stopListening = [
          await deps.db.listen('trellis_catalog', told(deps.catalog.reload, 'catalog not reloaded')),
          await deps.db.listen(settingsChannel, told(readSettings, 'settings of plugins not read again')),
        ];
      }),
    async stop() {
      for (const stop of stopListening) await stop();
      stopListening = [];
    },
    isInStep: () => inStep,
    list: () => infos,
    current: async () => withWarnings(deps.db, deps.catalog.current, await current()),
    install: (id) => switchOn(id, true),
    enable: (id) => switchOn(id, false),
    planUninstall: async (id, policy) => {
      const now = await current();
      const info = findInfo(now.infos, id);
      return planUninstall(deps.catalog, now.infos, info, policy ?? info.uninstall);
    },
    uninstall: (id, { policy, confirm }) =>
      inTurn(async () => {
        await refresh();
        const info = findInfo(infos, id);
        mustNotBeRequired(infos, info, 'uninstalled');
        const plan = await planUninstall(deps.catalog, infos, info, policy ?? info.uninstall);
        mustBeConfirmed(plan, confirm);
        const after = info.state === 'uninstalled' ? info : await switchTo(id, 'uninstalled');
        if (info.origin === 'installed') {
          await removePackage(deps.db, id);
          await refresh();
        }
        if (plan.policy === 'keep') return after;
        await deps.catalog.purge(id);
        await dropRoles(deps.db, id);
        await forgetPlugin(deps.db, id);
        await readSettings();
        return after;
      }),
    planPackage: (bundle) =>
      inTurn(async () => {
        await refresh();
        const opened = open(bundle);
        return planPackage(deps.catalog, opened, {
          raws,
          disabled: offOf(await readPlugins(deps.db)),
          from: installedVersion(opened.manifest.id),
        });
      }),
    installPackage: (bundle, by) =>
      inTurn(async () => {
        await refresh();
        const { manifest, raw } = open(bundle);
        const earlier = raws.find(({ dir }) => dir === raw.dir);
        const keep = async (version: string, kept: RawPlugin | undefined): Promise<void> => {
          if (kept) await writePackage(deps.db, { id: manifest.id, version, raw: kept, by });
          else await removePackage(deps.db, manifest.id);
          await findPackages();
        };
        const from = installedVersion(manifest.id);
        const disabled = offOf(await readPlugins(deps.db));
        const plan = await planPackage(deps.catalog, { manifest, raw }, { raws, disabled, from });
        // Found out before anything is touched, so that the earlier version never stops.
        if (!plan.applicable) throw brokenPlugin({ title: plan.title, problems: plan.problems });
        await keep(manifest.version, raw);
        const after = await switchTo(manifest.id, 'enabled');
        if (after.state === 'enabled') return after;
        await keep(from ?? '', earlier);
        await install();
        throw brokenPlugin(after);
      }),
    settings: async (id) => {
      const schema = schemaOf(await current(), id);
      return settingsInfo(schema, storedSettings(await readPlugins(deps.db), id));
    },
    changeSettings: async (id, patch) => {
      const schema = schemaOf(await current(), id);
      let next: StoredPlugin['settings'] = {};
      await writeSettings(deps.db, id, (standing) => (next = changedSettings(schema, standing, patch)));
      settings.set(id, effectiveSettings(schema, next));
      return settingsInfo(schema, next);
    },
    disable: (id) =>
      inTurn(async () => {
        await refresh();
        const info = findInfo(infos, id);
        mustNotBeRequired(infos, info, 'disabled');
        return info.state === 'enabled' || info.state === 'failed' ? switchTo(id, 'disabled') : info;
      }),
  };

  function switchOn(id: string, isInstall: boolean): Promise<PluginInfo> {
    return inTurn(async () => {
      await refresh();
      const before = findInfo(infos, id);
      if (before.state === 'enabled') return before;
      if (before.state === 'uninstalled' && !isInstall)
        throw conflict('plugin.uninstalled', `"${before.title}" is uninstalled.`, {
          hint: `POST /api/plugins/${id}/install takes it in again.`,
        });
      const after = await switchTo(id, 'enabled');
      if (after.state === 'enabled') return after;
      if (before.state !== 'failed') await switchTo(id, before.state);
      throw brokenPlugin(after);
    });
  }

  function open(bundle: unknown): OpenedPackage {
    const known = folders.flatMap((raw) => manifestOf(raw)?.id ?? []);
    const opened = openPackage(bundle, known);
    mustNotBeOlder(opened, installedVersion(opened.manifest.id));
    return opened;
  }

  function installedVersion(id: string): string | null {
    return raws.map(manifestOf).find((manifest) => manifest?.id === id)?.version ?? null;
  }
}
