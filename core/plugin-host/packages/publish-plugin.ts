import { invalid } from '../../base/errors.js';
import type { Catalog, Definition } from '../../catalog/index.js';
import { extensionPrefix, pluginIdPattern, workspaceLayer } from '../../schema/index.js';
import { pathOf, type BundleFiles } from './bundle.js';
import { requiredBy } from './workspace-package.js';
import { renameInDocument, type Renames } from './rename.js';

export interface PublishInput {
  readonly id: string;
  readonly version: string;
  readonly title: string;
}

/** The workspace layer as a plugin, and what became of its names. */
export interface PublishedPlugin {
  readonly files: BundleFiles;
  /** Old → new: ids of definitions, and keys of fields and related lists. */
  readonly renames: Renames;
}

/**
 * Turns the workspace layer into a plugin of its own: every `x.` id and `x_` key gets the plugin's name, in documents, expressions,
 * pointers and translations alike. Texts for people and data stay as they are. Throws publish.bad_id, publish.bad_version,
 * publish.nothing.
 */
export function publishPlugin(catalog: Pick<Catalog, 'layers'>, input: PublishInput): PublishedPlugin {
  const layer = catalog.layers.find(({ plugin }) => plugin === workspaceLayer);
  mustBeGood(catalog, input, layer?.documents ?? []);
  const documents = layer?.documents ?? [];
  const renames = namesOf(documents, input.id);
  const files: Record<string, unknown> = {
    'plugin.json': {
      id: input.id,
      version: input.version,
      title: input.title,
      requires: Object.fromEntries(
        Object.entries({ core: coreVersion(catalog), ...requiredBy(catalog, documents) }).map(([id, version]) => [
          id,
          `^${version}`,
        ]),
      ),
    },
  };
  for (const one of documents) {
    const id =
      one.type === 'change'
        ? renamedChange(one, renames, input.id)
        : (renames.ids[one.id] ?? `${input.id}.${one.id.slice(workspaceLayer.length + 1)}`);
    files[pathOf({ type: one.type, id })] = renameInDocument(one, renames);
  }
  return { files: Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))), renames };
}

function mustBeGood(
  catalog: Pick<Catalog, 'layers'>,
  { id, version, title }: PublishInput,
  documents: readonly Definition[],
): void {
  const issue = (path: string, code: string, message: string): Error =>
    invalid(code, message, { issues: [{ path, code, message }] });
  if (
    !new RegExp(pluginIdPattern).test(id) ||
    id.length > 40 ||
    id === workspaceLayer ||
    catalog.layers.some(({ plugin }) => plugin === id)
  )
    throw issue(
      '/id',
      'publish.bad_id',
      `"${id.slice(0, 60)}" cannot be the id of the plugin: use lower-case words joined by dashes that no plugin has yet.`,
    );
  if (!/^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(version))
    throw issue(
      '/version',
      'publish.bad_version',
      `"${version.slice(0, 60)}" is not a version; use three numbers, e.g. "1.0.0".`,
    );
  if (title.trim() === '' || title.length > 200)
    throw issue('/title', 'publish.bad_title', 'A title of 1 to 200 characters is needed.');
  if (documents.length === 0)
    throw invalid('publish.nothing', 'There is nothing in the workspace that could be published.');
}

/** Ids of the workspace's own documents, and the keys with its prefix wherever it added them. */
function namesOf(documents: readonly Definition[], plugin: string): Renames {
  const ids: Record<string, string> = {};
  const keys: Record<string, string> = {};
  const prefix = extensionPrefix(plugin);
  for (const { type, id, document } of documents) {
    if (type !== 'change' && type !== 'translation') ids[id] = `${plugin}${id.slice(workspaceLayer.length)}`;
    for (const key of addedKeys(document)) keys[key] = `${prefix}${key.slice(2)}`;
  }
  return { ids: sorted(ids), keys: sorted(keys) };
}

/** Fields that a change adds, and related lists that links of the workspace give their targets. */
function addedKeys(document: Definition['document']): string[] {
  const operations = (document.operations ?? []) as readonly { readonly at: string }[];
  const fields = operations.flatMap(({ at }) => /^\/properties\/(x_[a-z][A-Za-z0-9]*)/.exec(at)?.[1] ?? []);
  const inverses = JSON.stringify(document).matchAll(/"inverse":(?:"|\{[^{}]*?"key":")(x_[a-z][A-Za-z0-9]*)"/g);
  return [...fields, ...[...inverses].map(([, key]) => key)];
}

/** `x.entity.contacts.company` → `acme.entity.contacts.company`. */
function renamedChange({ id }: Definition, _renames: Renames, plugin: string): string {
  return `${plugin}${id.slice(workspaceLayer.length)}`;
}

function coreVersion(catalog: Pick<Catalog, 'layers'>): string {
  return catalog.layers.find(({ plugin }) => plugin === 'core')?.version ?? '1.0.0';
}

function sorted(names: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1)));
}
