import semver from 'semver';
import { conflict, invalid } from '../../base/errors.js';
import type { CatalogService, LayersPlan } from '../../catalog/index.js';
import { validateDefinition } from '../../schema/index.js';
import { assessPlugins } from '../assess-plugins.js';
import { parsePlugin } from '../parse-plugin.js';
import type { PluginManifest, PluginProblem, RawPlugin } from '../types.js';
import { readBundle } from './bundle.js';
import { toRaw } from './package-store.js';

/** What installing a package would do. */
export interface PackagePlan extends LayersPlan {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** Version that is there now; null where it is new. */
  readonly from: string | null;
  /** False where `problems` keep it from running. */
  readonly applicable: boolean;
  readonly problems: readonly PluginProblem[];
}

/** A package that may be taken in, as far as it itself and its neighbours' ids go. */
export interface OpenedPackage {
  readonly manifest: PluginManifest;
  readonly raw: RawPlugin;
}

/**
 * Understands a bundle `{files}`. Throws package.*, plugin.invalid with the problems as issues, package.id_taken where the id
 * belongs to a plugin with files of its own.
 */
export function openPackage(bundle: unknown, taken: readonly string[]): OpenedPackage {
  const { files } = (bundle ?? {}) as { files?: unknown };
  const read = readBundle(files, 'plugin.json');
  const manifestFile = read.find(({ path }) => path === 'plugin.json');
  if (!manifestFile)
    throw invalid('package.no_manifest', 'The package has no plugin.json; it needs one with id, version and title.');
  const { id } = JSON.parse(manifestFile.text) as { id?: unknown };
  const raw = toRaw(typeof id === 'string' ? id : 'package', read);
  const { manifest, problems } = parsePlugin(raw, validateDefinition);
  if (manifest === null || problems.length > 0)
    throw invalid(
      'plugin.invalid',
      `The package is not sound: ${problems[0].file}#${problems[0].pointer}: ${problems[0].message}`,
      {
        issues: problems.map(({ file, pointer, code, message }) => ({ path: `${file}#${pointer}`, code, message })),
      },
    );
  if (taken.includes(manifest.id))
    throw conflict(
      'package.id_taken',
      `"${manifest.id}" is a plugin with files of its own on the server; upgrade it there.`,
    );
  return { manifest, raw };
}

/** Throws package.older where a later version is there. */
export function mustNotBeOlder({ manifest }: OpenedPackage, installed: string | null): void {
  if (installed !== null && semver.lt(manifest.version, installed))
    throw conflict(
      'package.older',
      `"${manifest.id}" is installed at ${installed}, which is later than ${manifest.version}.`,
    );
}

/** The plan of taking a package in beside (or in the place of) the others. */
export async function planPackage(
  catalog: Pick<CatalogService, 'planLayers'>,
  { manifest, raw }: OpenedPackage,
  input: { readonly raws: readonly RawPlugin[]; readonly disabled: ReadonlySet<string>; readonly from: string | null },
): Promise<PackagePlan> {
  const raws = [...input.raws.filter(({ dir }) => dir !== raw.dir), raw];
  const disabled = new Set([...input.disabled].filter((id) => id !== manifest.id));
  const { layers, assessed } = assessPlugins({ raws, disabled, validate: validateDefinition });
  const problems = assessed.find((one) => one.raw === raw)?.problems ?? [];
  const plan = problems.length === 0 ? await catalog.planLayers(layers) : { statements: [], diff: [], conflicts: [] };
  const { id, title, version } = manifest;
  return { id, title, version, from: input.from, applicable: problems.length === 0, problems, ...plan };
}
