import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PluginFolder } from './types.js';

export interface DiscoverInput {
  /** Folder that holds `core/system` and `plugins`: the repository, or its `dist`. */
  readonly home: string;
  /** Folders that hold the `package.json` and `node_modules` of the installation, nearest first. */
  readonly packageRoots: readonly string[];
  /** Further folders: each a plugin itself, or a folder of plugins. */
  readonly pluginDirs: readonly string[];
}

/**
 * All folders that claim to be a plugin, the kernel's own first. A folder claims it by a `plugin.json`; a package also
 * needs the keyword `trellis-plugin` or `"trellis": {"plugin": true}` in its `package.json`, and must be a dependency
 * of the installation: its hundreds of other packages are not searched.
 */
export async function discoverPlugins(input: DiscoverInput): Promise<PluginFolder[]> {
  const found: PluginFolder[] = [
    { dir: await realpath(join(input.home, 'core', 'system')), label: 'core/system', origin: 'core' },
  ];
  for (const name of await folders(join(input.home, 'plugins'))) {
    found.push({
      dir: await realpath(join(input.home, 'plugins', name)),
      label: `plugins/${name}`,
      origin: 'built-in',
    });
  }
  for (const folder of await Promise.all(input.packageRoots.map(packagePlugins))) found.push(...folder);
  for (const dir of input.pluginDirs) found.push(...(await extraPlugins(dir)));
  const byDir = new Map<string, PluginFolder>();
  for (const folder of found) if (!byDir.has(folder.dir)) byDir.set(folder.dir, folder);
  return [...byDir.values()];
}

async function extraPlugins(dir: string): Promise<PluginFolder[]> {
  const label = basename(dir);
  const names = await folders(dir);
  if (names.length === 0 || (await exists(join(dir, 'plugin.json'))))
    return [{ dir: await realpath(dir).catch(() => dir), label, origin: 'folder' }];
  return Promise.all(
    names.map(async (name) => ({
      dir: await realpath(join(dir, name)),
      label: `${label}/${name}`,
      origin: 'folder' as const,
    })),
  );
}

async function packagePlugins(root: string): Promise<PluginFolder[]> {
  const manifest = await readPackage(join(root, 'package.json'));
  const names = [
    ...Object.keys(manifest?.dependencies ?? {}),
    ...Object.keys(manifest?.optionalDependencies ?? {}),
  ].sort();
  const found = await Promise.all(
    names.map(async (name) => {
      const dir = join(root, 'node_modules', name);
      const own = await readPackage(join(dir, 'package.json'));
      const claims = own !== null && (own.keywords?.includes('trellis-plugin') || own.trellis?.plugin === true);
      return claims ? { dir: await realpath(dir), label: `node_modules/${name}`, origin: 'package' as const } : null;
    }),
  );
  return found.filter((folder) => folder !== null);
}

interface PackageJson {
  readonly keywords?: readonly string[];
  readonly trellis?: { readonly plugin?: boolean };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Null where there is no package, or none that can be read: that is npm's concern, not ours. */
async function readPackage(file: string): Promise<PackageJson | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as PackageJson;
  } catch {
    return null;
  }
}

async function folders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}
