import { missing } from '../../base/errors.js';
import { didYouMean } from '../../base/suggest.js';
import { workspaceLayer } from '../../schema/index.js';
import type { Origin } from '../../../schemas/studio.js';
import type { Definition } from '../types.js';
import { readTouches, type Touch } from './change-store.js';
import { changeableTypes } from './check-operations.js';
import { changeOf, isOwnId } from './compose-layer.js';
import type { ChangesDeps } from './deps.js';
import { isWithin } from './pointers.js';
import type { Standing } from './prepare.js';
import type { DefinitionAnswer, DefinitionEntry } from './types.js';
import { usedBy } from './used-by.js';

/** What there is of a type, by id. Throws definition.unknown_type. */
export async function listDefinitions(deps: ChangesDeps, type: string): Promise<DefinitionEntry[]> {
  mustBeType(type);
  const standing = await deps.standing();
  const changed = new Set(workspaceDocuments(standing).map(({ id }) => id));
  return [...standing.catalog.definitions(type).values()]
    .map(({ id, document }) => ({
      type,
      id,
      title: titleOf(document, id),
      plugin: id.split('.')[0],
      customized: isOwnId(id) || changed.has(changeOf(type, id).id),
      ...(typeof document.entity === 'string' ? { entity: document.entity } : {}),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** One definition with where each of its properties comes from and what uses it. Throws definition.not_found. */
export async function getDefinition(deps: ChangesDeps, type: string, id: string): Promise<DefinitionAnswer> {
  mustBeType(type);
  const standing = await deps.standing();
  const { catalog, below } = standing;
  const definition = catalog.definitions(type).get(id);
  if (!definition)
    throw missing(
      'definition.not_found',
      `There is no ${type} "${id}".${didYouMean(id, catalog.definitions(type).keys())}`,
    );
  return {
    epoch: standing.stored.epoch,
    type,
    id,
    plugin: id.split('.')[0],
    document: { ...definition.document },
    below: (below.definitions(type).get(id)?.document as Record<string, unknown> | undefined) ?? null,
    provenance: provenanceOf(standing, type, id, await readTouches(deps.ask, type, id)),
    usedBy: usedBy(catalog, definition),
  };
}

function provenanceOf(
  { catalog }: Standing,
  type: string,
  id: string,
  touches: readonly Touch[],
): Record<string, Origin> {
  const found: Record<string, Origin> = {};
  for (const [pointer, { plugin, version }] of catalog.origins(type, id)) {
    const layer = plugin === workspaceLayer ? 'workspace' : plugin === 'core' ? 'kernel' : 'plugin';
    found[pointer] = { layer, plugin, version, ...(layer === 'workspace' ? deedOf(touches, pointer) : {}) };
  }
  // Inside of what the workspace brought as a whole, later change sets have touched single properties.
  for (const touch of touches)
    if (!(touch.pointer in found) && catalog.provenance(type, id, touch.pointer)?.plugin === workspaceLayer)
      found[touch.pointer] = {
        layer: 'workspace',
        plugin: workspaceLayer,
        version: '',
        ...deedOf([touch], touch.pointer),
      };
  return found;
}

/** The change set that touched a place, or the nearest above it; else the newest below it. */
function deedOf(touches: readonly Touch[], pointer: string): Partial<Origin> {
  const above = touches
    .filter((touch) => isWithin(pointer, touch.pointer))
    .sort((a, b) => b.pointer.length - a.pointer.length);
  const inside = touches.filter((touch) => isWithin(touch.pointer, pointer)).sort((a, b) => (a.at < b.at ? 1 : -1));
  const touch = above[0] ?? inside[0];
  return touch ? { changeSet: touch.changeSet, by: touch.by, at: touch.at, reason: touch.reason } : {};
}

function mustBeType(type: string): void {
  const types = changeableTypes();
  if (!types.includes(type))
    throw missing('definition.unknown_type', `There is no type "${type}".${didYouMean(type, types)}`, {
      hint: `Types: ${types.join(', ')}.`,
    });
}

function workspaceDocuments({ stored }: Standing): readonly Definition[] {
  return stored.layers.find((layer) => layer.plugin === workspaceLayer)?.documents ?? [];
}

function titleOf(document: Definition['document'], id: string): string {
  const { title, locale } = document;
  return typeof title === 'string' ? title : typeof locale === 'string' ? locale : id;
}
