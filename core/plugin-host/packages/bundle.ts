import { invalid, limited, type Issue } from '../../base/errors.js';
import { nameProblem, placeProblem, places } from '../places.js';
import type { PluginFile } from '../types.js';

/** Files of a package: path → the JSON document in it. */
export type BundleFiles = Readonly<Record<string, unknown>>;

const maxFiles = 5_000;
const maxBytes = 33_554_432;

/**
 * Files from outside, each at a place where a definition may stand; `manifest` is the name of the one beside the folders. Nothing
 * is ever written to a disk under these names, but they are refused all the same where they would lead out of the package.
 * Throws package.no_files, package.too_large, and package.bad_path with an issue for each file.
 */
export function readBundle(files: unknown, manifest: string): PluginFile[] {
  if (typeof files !== 'object' || files === null || Array.isArray(files))
    throw invalid('package.no_files', '"files" must be an object: path → document.', {
      issues: [{ path: '/files', code: 'package.no_files', message: 'must be an object' }],
    });
  const entries = Object.entries(files as BundleFiles);
  if (entries.length > maxFiles)
    throw limited('package.too_large', `A package has at most ${maxFiles} files; this one has ${entries.length}.`);
  const issues: Issue[] = [];
  const read = entries.map(([path, document]) => {
    const problem = pathProblem(path, manifest) ?? (isObject(document) ? null : 'must hold a JSON object');
    if (problem !== null && issues.length < 100)
      issues.push({
        path: `/files/${path.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 200)}`,
        code: 'package.bad_path',
        message: problem,
      });
    return { path, text: `${JSON.stringify(document, null, 2)}\n` };
  });
  if (issues.length > 0)
    throw invalid(
      'package.bad_path',
      `"${entries.find(([path]) => pathProblem(path, manifest) !== null)?.[0].slice(0, 200) ?? issues[0].path}": ${issues[0].message}`,
      { issues },
    );
  const bytes = read.reduce((sum, { text }) => sum + text.length, 0);
  if (bytes > maxBytes)
    throw limited('package.too_large', `A package has at most ${maxBytes / 1_048_576} MB of definitions.`);
  return read;
}

/** Type and id of the definition that a file of the plugin holds. */
export function definitionAt(plugin: string, path: string): { readonly type: string; readonly id: string } {
  const [folder, file] = path.split('/');
  return { type: places[folder], id: `${plugin}.${file.slice(0, -'.json'.length)}` };
}

/** The place of a definition: `entities/project.json`. */
export function pathOf({ type, id }: { readonly type: string; readonly id: string }): string {
  const folder = Object.keys(places).find((place) => places[place] === type) ?? type;
  return `${folder}/${id.slice(id.indexOf('.') + 1)}.json`;
}

function pathProblem(path: string, manifest: string): string | null {
  if (path === manifest) return null;
  const [folder, file, ...rest] = path.split('/');
  if (path.includes('\\') || path.includes('\0') || path.split('/').some((step) => step === '' || step.startsWith('.')))
    return 'is no path within a package';
  if (file === undefined) return `stands in no place; beside the folders only ${manifest} may stand`;
  if (rest.length > 0) return 'definitions stand directly in their folder';
  if (!Object.hasOwn(places, folder)) return placeProblem(folder).message;
  if (!file.endsWith('.json')) return 'only .json files are taken';
  return nameProblem(places[folder], file.slice(0, -'.json'.length));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
