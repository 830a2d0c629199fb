import type { DefinitionProblem } from './problem.js';

type Document = Readonly<Record<string, unknown>>;

/** One contributed document: `plugin.name`, or `plugin.<entity id>` for an extension. */
export interface LayerDocument {
  readonly type: string;
  readonly id: string;
  readonly document: Document;
}

/** A layer as the fold needs it; `position` orders from the bottom. */
export interface FoldLayer {
  readonly plugin: string;
  readonly version: string;
  readonly position: number;
  readonly documents: readonly LayerDocument[];
}

/** Where a property comes from. */
export interface Origin {
  readonly plugin: string;
  readonly version: string;
}

export interface FoldedLayers {
  /** Effective documents of a type by id; extensions are merged into their entities and stand here too. */
  definitions(type: string): ReadonlyMap<string, LayerDocument>;
  /** Origin of the value at a JSON Pointer, from the nearest node above it that a layer set; null where nothing stands. */
  provenance(type: string, id: string, pointer: string): Origin | null;
  readonly problems: readonly DefinitionProblem[];
}

/**
 * Folds layers from the bottom up, deterministically: the order of documents within a layer does not matter. A document
 * that two layers bring is a fault of the later one; re-shaping another's document is what extensions are for.
 */
export function foldLayers(layers: readonly FoldLayer[]): FoldedLayers {
  const definitions = new Map<string, Map<string, LayerDocument>>();
  const origins = new Map<string, Map<string, Origin>>();
  const problems: DefinitionProblem[] = [];
  const ordered = [...layers].sort((a, b) => a.position - b.position || (a.plugin < b.plugin ? -1 : 1));
  for (const layer of ordered) {
    const origin = { plugin: layer.plugin, version: layer.version };
    for (const each of [...layer.documents].sort((a, b) => (a.type + a.id < b.type + b.id ? -1 : 1))) {
      const ofType = definitions.get(each.type) ?? new Map<string, LayerDocument>();
      definitions.set(each.type, ofType);
      const owner = origins.get(nameOf(each))?.get('');
      if (owner) {
        problems.push({
          file: nameOf(each),
          pointer: '',
          code: 'definition.duplicate_id',
          message: `${nameOf(each)} is already defined by ${owner.plugin}`,
        });
        continue;
      }
      ofType.set(each.id, each);
      origins.set(nameOf(each), new Map([['', origin]]));
    }
  }
  for (const extension of definitions.get('extension')?.values() ?? []) mergeExtension(definitions, origins, extension);
  return {
    definitions: (type) => definitions.get(type) ?? new Map(),
    provenance: (type, id, pointer) => originOf(definitions.get(type)?.get(id), origins.get(`${type}:${id}`), pointer),
    problems,
  };
}

/** Lays the properties of an extension beside those of its entity; buildSchema tells where they may not stand. */
function mergeExtension(
  definitions: Map<string, Map<string, LayerDocument>>,
  origins: Map<string, Map<string, Origin>>,
  extension: LayerDocument,
): void {
  const target = extension.document.entity as string;
  const entity = definitions.get('entity')?.get(target);
  if (!entity) return;
  const own = (entity.document.properties ?? {}) as Document;
  const added = Object.entries((extension.document.properties ?? {}) as Document).filter(
    ([key]) => !Object.hasOwn(own, key),
  );
  const required = [
    ...((entity.document.required ?? []) as string[]),
    ...((extension.document.required ?? []) as string[]),
  ];
  const document = {
    ...entity.document,
    properties: { ...own, ...Object.fromEntries(added) },
    ...(required.length > 0 ? { required: [...new Set(required)] } : {}),
  };
  definitions.get('entity')?.set(target, { ...entity, document });
  const origin = origins.get(nameOf(extension))?.get('') as Origin;
  for (const [key] of added)
    origins.get(nameOf(entity))?.set(`/properties/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, origin);
}

function originOf(
  definition: LayerDocument | undefined,
  origins: ReadonlyMap<string, Origin> | undefined,
  pointer: string,
): Origin | null {
  if (!definition || !origins || valueAt(definition.document, pointer) === undefined) return null;
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const origin = origins.get(at);
    if (origin) return origin;
    if (at === '') return null;
  }
}

function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function nameOf({ type, id }: LayerDocument): string {
  return `${type}:${id}`;
}
