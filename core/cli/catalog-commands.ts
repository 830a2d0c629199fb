import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AUDIT, type Audit } from '../audit/index.js';
import { invalid } from '../base/errors.js';
import { CATALOG, CHANGES, type CatalogService, type Changes } from '../catalog/index.js';
import {
  exportWorkspace,
  openWorkspacePackage,
  workspaceManifest,
  type WorkspacePackage,
} from '../plugin-host/index.js';
import { sortedJson } from '../schema/index.js';
import type { Command, CommandInput } from './commands.js';
import { withKernel, type Kernel } from './kernel.js';

/** The workspace layer as files: compared, planned, applied, written. */
export const catalogCommands: readonly Command[] = [
  {
    name: 'catalog export',
    values: ['<folder>'],
    flags: [],
    help: 'Writes the workspace layer as files; those that no longer belong to it are removed.',
    run: exportFiles,
  },
  {
    name: 'catalog diff',
    values: ['<folder>'],
    flags: [],
    help: 'Shows what differs between the workspace layer and files; exit code 1 where anything does.',
    run: diffFiles,
  },
  {
    name: 'catalog plan',
    values: ['<folder>'],
    flags: [],
    help: 'Shows what installing the files of a workspace package would do.',
    run: planFiles,
  },
  {
    name: 'catalog apply',
    values: ['<folder>'],
    flags: [],
    help: 'Installs the files of a workspace package as one change set.',
    run: applyFiles,
  },
  {
    name: 'catalog layers',
    values: [],
    flags: [],
    help: 'Prints all layers of the catalog as JSON, for tools.',
    run: printLayers,
  },
];

async function exportFiles({ config, log, values, print }: CommandInput): Promise<number> {
  return withKernel(config, log, async (app) => {
    const folder = resolve(values[0]);
    const wanted = textsOf(exportWorkspace(app.get<CatalogService>(CATALOG).current));
    const present = await readFolder(folder);
    if (present.size > 0 && !present.has(workspaceManifest))
      throw invalid('cli.not_a_package', `${values[0]} holds other files and no ${workspaceManifest}.`, {
        hint: 'Choose an empty folder, or one that an earlier export wrote.',
      });
    for (const path of present.keys()) if (!wanted.has(path)) await rm(join(folder, path));
    for (const [path, text] of wanted) {
      if (present.get(path) === text) continue;
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
      print(`wrote ${path}`);
    }
    print(`${wanted.size - 1} definitions of the workspace.`);
    return 0;
  });
}

async function diffFiles({ config, log, values, print }: CommandInput): Promise<number> {
  return withKernel(config, log, async (app) => {
    const here = textsOf(exportWorkspace(app.get<CatalogService>(CATALOG).current));
    const there = await readFolder(resolve(values[0]));
    let differences = 0;
    for (const path of [...new Set([...here.keys(), ...there.keys()])].sort()) {
      if (path === workspaceManifest || isSameJson(here.get(path), there.get(path))) continue;
      differences++;
      print(
        `${here.has(path) ? (there.has(path) ? 'differs ' : 'only in the workspace ') : 'only in the files '} ${path}`,
      );
    }
    print(differences === 0 ? 'The same.' : `${differences} files differ.`);
    return differences === 0 ? 0 : 1;
  });
}

async function planFiles({ config, log, values, print }: CommandInput): Promise<number> {
  return withKernel(config, log, async (app) => {
    const plan = await changesOf(app).planInstall(contextOf(app), await inputOf(values[0]));
    for (const { type, id, at, message } of plan.problems) print(`problem  ${type}:${id}#${at}: ${message}`);
    for (const { type, id, at } of plan.diff) print(`changes  ${type}:${id}#${at}`);
    for (const { sql, lock, rows, concurrent } of plan.statements)
      print(`sql      ${sql}${concurrent ? ' (later, by a job)' : lock === 'NONE' ? '' : ` (${lock}, ${rows} rows)`}`);
    for (const { message } of plan.warnings) print(`warning  ${message}`);
    print(plan.applicable ? 'It can be applied.' : `${plan.problems.length} problems keep it from being applied.`);
    return plan.applicable ? 0 : 1;
  });
}

async function applyFiles({ config, log, values, print }: CommandInput): Promise<number> {
  return withKernel(config, log, async (app) => {
    const made = await changesOf(app).installDocuments(contextOf(app), await inputOf(values[0]), {
      audit: app.get<Audit>(AUDIT),
    });
    if (made.state === 'preparing') {
      print(`Change set ${made.id} waits for values to be copied; a running Trellis does that and then applies it.`);
      return 0;
    }
    print(`Applied as change set ${made.id}, ${made.operations.length} operations, epoch ${made.epoch}.`);
    return 0;
  });
}

async function printLayers({ config, log, print }: CommandInput): Promise<number> {
  return withKernel(config, log, async (app) => {
    const { layers } = app.get<CatalogService>(CATALOG).current;
    print(
      JSON.stringify(
        layers.map(({ plugin, version, position, documents }) => ({ plugin, version, position, documents })),
      ),
    );
    return 0;
  });
}

function changesOf(app: Kernel): Changes {
  return app.get<Changes>(CHANGES);
}

function contextOf(app: Kernel): ReturnType<Kernel['contexts']['system']> {
  return app.contexts.system('catalog on the command line');
}

async function inputOf(folder: string): Promise<Parameters<Changes['planInstall']>[1]> {
  const files = await readFolder(resolve(folder));
  const manifest = files.get(workspaceManifest);
  if (manifest === undefined)
    throw invalid('cli.not_a_package', `${folder} has no ${workspaceManifest}.`, {
      hint: 'trellis catalog export writes one.',
    });
  const parsed = [...files]
    .filter(([path]) => path !== workspaceManifest)
    .map(([path, text]) => [path, parse(path, text)]);
  const documents = openWorkspacePackage({
    manifest: parse(workspaceManifest, manifest),
    files: Object.fromEntries(parsed) as object,
  });
  return { documents, reason: `Installs ${folder} on the command line`.slice(0, 1_000) };
}

function textsOf({ manifest, files }: WorkspacePackage): Map<string, string> {
  const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  return new Map([
    [workspaceManifest, text(manifest)],
    ...Object.entries(files).map(([path, document]) => [path, text(document)] as const),
  ]);
}

/** JSON files of a folder and of those directly in it. */
async function readFolder(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const inner = entry.isDirectory() && !entry.name.startsWith('.') ? await readdir(join(folder, entry.name)) : [];
    const paths = entry.isFile() ? [entry.name] : inner.map((name) => `${entry.name}/${name}`);
    for (const path of paths) if (path.endsWith('.json')) files.set(path, await readFile(join(folder, path), 'utf8'));
  }
  return files;
}

/** Neither the order of keys nor that of operations counts: an export brings both into one. */
function isSameJson(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return a === b;
  return ordered(JSON.parse(a)) === ordered(parse('', b));
}

function ordered(document: unknown): string {
  const { operations, ...rest } = sortedJson(document) as { operations?: unknown[] };
  const steps = operations?.map((operation) => JSON.stringify(operation)).sort();
  return JSON.stringify({ ...rest, steps });
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('cli.bad_json', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
