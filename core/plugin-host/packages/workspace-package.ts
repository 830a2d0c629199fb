import { invalid, type Issue } from '../../base/errors.js';
import type { Catalog, Definition } from '../../catalog/index.js';
import { validateDefinition, workspaceLayer } from '../../schema/index.js';
import { definitionAt, pathOf, readBundle, type BundleFiles } from './bundle.js';

/** Name of the file that says what a workspace package is. */
export const workspaceManifest = 'workspace.json';

/** A workspace layer as files, or what comes as one. */
export interface WorkspacePackage {
  readonly manifest: { readonly format: string; readonly requires: Readonly<Record<string, string>> };
  readonly files: BundleFiles;
}

const format = 'trellis-workspace/1';

/** The workspace layer as files: deterministic, so that equal layers give equal files and git shows what changed. */
export function exportWorkspace(catalog: Pick<Catalog, 'layers'>): WorkspacePackage {
  const documents = catalog.layers.find((layer) => layer.plugin === workspaceLayer)?.documents ?? [];
  const files = Object.fromEntries(
    documents.map((one) => [pathOf(one), one.document] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return { manifest: { format, requires: requiredBy(catalog, documents) }, files };
}

/** Plugins, with their versions, of which the documents name an entity or change a definition. */
export function requiredBy(catalog: Pick<Catalog, 'layers'>, documents: readonly Definition[]): Record<string, string> {
  const text = JSON.stringify(documents.map(({ document }) => document));
  const needed = catalog.layers.filter(
    ({ plugin }) => plugin !== workspaceLayer && plugin !== 'core' && text.includes(`"${plugin}.`),
  );
  return Object.fromEntries(
    needed.map(({ plugin, version }) => [plugin, version] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/**
 * The documents of a package from outside. Throws package.* for files that stand where none may, package.unknown_format,
 * package.foreign_id where a document calls itself by another plugin's name.
 */
export function openWorkspacePackage(given: unknown): Definition[] {
  const { manifest, files } = (given ?? {}) as { manifest?: { format?: unknown }; files?: unknown };
  if (manifest?.format !== format)
    throw invalid(
      'package.unknown_format',
      `This is no workspace package: its manifest must have the format "${format}".`,
      {
        issues: [{ path: '/manifest/format', code: 'package.unknown_format', message: `must be "${format}"` }],
      },
    );
  const issues: Issue[] = [];
  const documents = readBundle(files, workspaceManifest).flatMap(({ path, text }): Definition[] => {
    if (path === workspaceManifest) return [];
    const { $schema: _, ...document } = JSON.parse(text) as Record<string, unknown>;
    const { type, id } = definitionAt(workspaceLayer, path);
    const problem = ownProblem(type, id, document);
    if (problem !== null)
      issues.push({ path: `/files/${path.replaceAll('/', '~1')}`, code: 'package.foreign_id', message: problem });
    return [{ type, id, document }];
  });
  if (issues.length > 0) throw invalid('package.foreign_id', `${issues[0].path}: ${issues[0].message}`, { issues });
  return documents;
}

function ownProblem(type: string, id: string, document: Readonly<Record<string, unknown>>): string | null {
  if (type === 'seed' || type === 'extension')
    return `a workspace package holds no ${type}; fields of others' entities are changes`;
  if (type === 'entity' && document.$id !== id)
    return `calls itself ${JSON.stringify(document.$id)}; here it must be "${id}"`;
  if (type !== 'change') return null;
  const target = document.target as { type?: unknown; id?: unknown } | undefined;
  const isNamed = id === `${workspaceLayer}.${String(target?.type)}.${String(target?.id)}`;
  if (!isNamed) return 'its target is not what the name of the file says';
  const [fault] = validateDefinition('change', document, id);
  return fault === undefined ? null : `${fault.pointer}: ${fault.message}`;
}
