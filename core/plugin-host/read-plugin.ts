import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeFolders, placeProblem, places, toolFiles } from './places.js';
import type { PluginFile, PluginFolder, PluginProblem, RawPlugin } from './types.js';

const maxFileBytes = 5_000_000;
const maxFiles = 5_000;

/** Reads the JSON files of a plugin's folder, without understanding them. Symbolic links are refused: they may lead out of it. */
export async function readPlugin(folder: PluginFolder): Promise<RawPlugin> {
  const problems: PluginProblem[] = [];
  const report = (path: string, code: string, message: string): void => {
    problems.push({
      plugin: folder.label,
      file: path === '' ? folder.label : `${folder.label}/${path}`,
      pointer: '',
      code,
      message,
    });
  };
  const paths = await listJson(folder.dir, report);
  const files: PluginFile[] = [];
  if (paths.length > maxFiles)
    report('', 'plugin.too_large', `${paths.length} files are too many; at most ${maxFiles} are read.`);
  else
    files.push(
      ...(await Promise.all(paths.map((path) => readOne(folder.dir, path, report)))).filter((file) => file !== null),
    );
  return { ...folder, files, code: await findCode(folder.dir), hash: hashFiles(files), problems };
}

/** One hash over names and contents; the order of reading does not matter. */
export function hashFiles(files: readonly PluginFile[]): string {
  const hash = createHash('sha256');
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(`${file.path}\0${Buffer.byteLength(file.text)}\0`).update(file.text);
  }
  return hash.digest('hex').slice(0, 40);
}

type Report = (path: string, code: string, message: string) => void;

async function listJson(dir: string, report: Report): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await entries(dir, '', report)) {
    if (entry.isFile() && entry.name.endsWith('.json')) {
      if (entry.name === 'plugin.json') paths.unshift(entry.name);
      else if (!toolFiles.has(entry.name))
        report(
          entry.name,
          'plugin.misplaced_file',
          `stands in no place; definitions stand in the folders ${Object.keys(places).join(', ')}.`,
        );
    } else if (entry.isDirectory() && !codeFolders.has(entry.name)) {
      const inside = await listFolder(dir, entry.name, report);
      if (inside.length > 0 && !Object.hasOwn(places, entry.name)) {
        const { code, message } = placeProblem(entry.name);
        report(entry.name, code, message);
      } else paths.push(...inside);
    }
  }
  if (paths[0] !== 'plugin.json')
    report('', 'plugin.no_manifest', 'has no plugin.json; every plugin needs one with id, version and title.');
  return paths;
}

async function listFolder(dir: string, folder: string, report: Report): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await entries(join(dir, folder), `${folder}/`, report)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && Object.hasOwn(places, folder))
      report(path, 'plugin.nested_folder', `definitions stand directly in "${folder}", not in folders below it.`);
    else if (entry.isFile() && entry.name.endsWith('.json')) paths.push(path);
  }
  return paths;
}

async function entries(dir: string, prefix: string, report: Report): Promise<import('node:fs').Dirent[]> {
  const found = await readdir(dir, { withFileTypes: true }).catch(() => null);
  if (found === null) {
    report(prefix, 'plugin.unreadable', 'cannot be read; does the folder exist, and may the server read it?');
    return [];
  }
  const kept = found.filter((entry) => !entry.name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of kept) {
    if (entry.isSymbolicLink())
      report(
        `${prefix}${entry.name}`,
        'plugin.symbolic_link',
        'is a symbolic link; a plugin may hold plain files only.',
      );
  }
  return kept;
}

async function readOne(dir: string, path: string, report: Report): Promise<PluginFile | null> {
  const { size } = await stat(join(dir, path));
  if (size > maxFileBytes) {
    report(path, 'plugin.too_large', `has ${size} bytes; at most ${maxFileBytes} are read.`);
    return null;
  }
  return { path, text: (await readFile(join(dir, path), 'utf8')).replace(/^\uFEFF/, '') };
}

async function findCode(dir: string): Promise<string | null> {
  for (const name of ['index.js', 'index.ts']) {
    const found = await stat(join(dir, name)).catch(() => null);
    if (found?.isFile()) return name;
  }
  return null;
}
