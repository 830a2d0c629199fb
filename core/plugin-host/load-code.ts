import { register } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { didYouMean } from '../base/suggest.js';
import type { HookDefinition, JobDefinition, PluginDefinition } from '../sdk/index.js';
import { checkActions, checkPages } from './check-doors.js';
import type { ImportModule, ParsedPlugin, PluginProblem } from './types.js';

/** The code side of a plugin, or what is wrong with it. Empty for a code-free plugin. */
export interface LoadedCode {
  readonly definition: PluginDefinition;
  readonly problems: readonly PluginProblem[];
}

/** Imports a plugin's code and checks what it exports. `entities` are the ids that hooks may name. */
export async function loadCode(
  plugin: ParsedPlugin,
  importModule: ImportModule,
  entities: ReadonlySet<string>,
): Promise<LoadedCode> {
  if (plugin.code === null) return { definition: {}, problems: [] };
  try {
    const exported = await importModule(join(plugin.dir, plugin.code));
    const problems = checkDefinition(plugin, exported.default, entities);
    return { definition: problems.length === 0 ? (exported.default as PluginDefinition) : {}, problems };
  } catch (error) {
    return {
      definition: {},
      problems: [
        problem(plugin, 'plugin.code_failed', `threw while it was loaded: ${firstLine(error)}${where(plugin, error)}`),
      ],
    };
  }
}

/**
 * `import()` for plugins. Those outside of the installation do not know what `#sdk` means, so that word is resolved for
 * every module that none of its own package.json resolves it for.
 */
export function createImporter(home: string): ImportModule {
  let isRegistered = false;
  return async (path) => {
    if (!isRegistered && relative(home, path).startsWith('..')) {
      register(sdkResolver(join(home, 'core', 'sdk', 'index.js')));
      isRegistered = true;
    }
    return import(pathToFileURL(path).href) as ReturnType<ImportModule>;
  };
}

function sdkResolver(sdkPath: string): string {
  const sdk = JSON.stringify(pathToFileURL(sdkPath).href);
  const source = `export async function resolve(word, context, next) {
    if (word !== '#sdk') return next(word, context);
    try { return await next(word, context); } catch { return { url: ${sdk}, shortCircuit: true }; }
  }`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

const definitionKeys = ['hooks', 'jobs', 'actions', 'pages'];
const operations = ['create', 'update', 'delete', 'restore', 'purge'];

function checkDefinition(plugin: ParsedPlugin, definition: unknown, entities: ReadonlySet<string>): PluginProblem[] {
  if (typeof definition !== 'object' || definition === null) {
    return [
      problem(plugin, 'plugin.no_default_export', 'has no default export; write "export default definePlugin({ … })".'),
    ];
  }
  const problems: PluginProblem[] = [];
  const report = (code: string, message: string): number => problems.push(problem(plugin, code, message));
  for (const key of Object.keys(definition)) {
    if (!definitionKeys.includes(key))
      report('plugin.unknown_contribution', `definePlugin does not know "${key}".${didYouMean(key, definitionKeys)}`);
  }
  const { hooks = [], jobs = [], actions = [], pages = [] } = definition as PluginDefinition;
  const ids = new Set<string>();
  for (const hook of hooks) checkHook(plugin, hook as HookDefinition, entities, report);
  for (const job of jobs) checkName(plugin, 'job', (job as JobDefinition).name, report);
  const idOf = (what: string, id: unknown): void => checkName(plugin, what, id, report);
  checkActions(actions as readonly unknown[], idOf, report);
  checkPages(pages, idOf, report);
  const doors = [...actions, ...pages] as readonly { id: string }[];
  for (const id of [...hooks.map((hook) => hook.id), ...jobs.map((job) => job.name), ...doors.map((door) => door.id)]) {
    if (ids.has(id)) report('plugin.id_taken', `the id "${id}" is used twice.`);
    ids.add(id);
  }
  return problems;
}

type Report = (code: string, message: string) => number;

function checkHook(plugin: ParsedPlugin, hook: HookDefinition, entities: ReadonlySet<string>, report: Report): void {
  checkName(plugin, 'hook', hook.id, report);
  if (!entities.has(hook.entity))
    report(
      'plugin.unknown_entity',
      `the hook "${hook.id}" names the unknown entity "${hook.entity}".${didYouMean(String(hook.entity), entities)}`,
    );
  if (hook.phase !== 'before' && hook.phase !== 'after')
    report(
      'plugin.bad_hook',
      `the hook "${hook.id}" has the phase "${String(hook.phase)}"; it must be "before" or "after".`,
    );
  for (const operation of hook.on ?? []) {
    if (!operations.includes(operation))
      report(
        'plugin.bad_hook',
        `the hook "${hook.id}" names the unknown operation "${operation}".${didYouMean(operation, operations)}`,
      );
  }
  if (!Array.isArray(hook.on) || hook.on.length === 0)
    report('plugin.bad_hook', `the hook "${hook.id}" names no operation; set "on", e.g. ["create", "update"].`);
  if (typeof hook.run !== 'function') report('plugin.bad_hook', `the hook "${hook.id}" has no function "run".`);
}

function checkName(plugin: ParsedPlugin, what: string, id: unknown, report: Report): void {
  const prefix = `${plugin.manifest.id}.`;
  if (
    typeof id !== 'string' ||
    !id.startsWith(prefix) ||
    !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id.slice(prefix.length))
  ) {
    report('plugin.bad_id', `the ${what} "${String(id)}" must be named "${prefix}verb-object".`);
  }
}

function problem(plugin: ParsedPlugin, code: string, message: string): PluginProblem {
  return { plugin: plugin.manifest.id, file: `${plugin.label}/${plugin.code ?? ''}`, pointer: '', code, message };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? `${error.name}: ${error.message}` : error)
    .split('\n')[0]
    .slice(0, 500);
}

/** The first line of the stack that lies in the plugin's folder: ` (hooks/x.js:3:7)`. */
function where(plugin: ParsedPlugin, error: unknown): string {
  const line = (error instanceof Error ? (error.stack ?? '') : '')
    .split('\n')
    .find((candidate) => candidate.includes(plugin.dir));
  const at = line?.slice(line.indexOf(plugin.dir) + plugin.dir.length + 1).replace(/\)$/, '');
  return at ? ` (${at})` : '';
}
