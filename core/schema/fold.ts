import { foldChange } from './fold-change.js';
import { mergeExtension } from './fold-fields.js';
import { listOrigins, originAt, originTree, type Deed, type Origin, type OriginTree } from './origins.js';
import { pointerSteps, valueAtPointer } from './pointer.js';
import { pointerStep, type DefinitionProblem } from './problem.js';

export type { Origin };

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

export interface FoldedLayers {
  /** Effective documents of a type by id; extensions are merged into their entities and stand here too, as changes do. */
  definitions(type: string): ReadonlyMap<string, LayerDocument>;
  /**
   * Origin of the value at a JSON Pointer, from the nearest node above it that a layer set; null where nothing stands.
   * Elements of keyed lists are named by their keys.
   */
  provenance(type: string, id: string, pointer: string): Origin | null;
  /** All origins of a document: pointer → origin, wherever it differs from that of what is above. Empty where there is none. */
  origins(type: string, id: string): ReadonlyMap<string, Origin>;
  /** Keys of fields that other plugins' changes added to an entity. */
  added(entity: string): ReadonlySet<string>;
  /** Definitions that changes re-shaped, as `type:id`: whether they are sound still is to be checked. */
  readonly changed: ReadonlySet<string>;
  /**
   * Documents that two layers bring, and operations without a place: `change.target_missing`, `change.path_missing`,
   * `change.anchor_missing`, `change.key_exists`, `change.bad_prefix`, `change.protected` and what else applyOperations tells.
   */
  readonly problems: readonly DefinitionProblem[];
}

/**
 * Folds layers from the bottom up, deterministically: the order of documents within a layer does not matter. Of each layer
 * first its own documents are laid down, then its extensions, then its changes of what stands below. Lenient: a document that
 * two layers bring is a fault of the later one, an operation without a place is left out; both are told. A change of a
 * plugin's definition is passed over in silence while that plugin is away. What no layer changed is shared, not copied, and
 * documents folded once before are not folded again.
 */
export function foldLayers(layers: readonly FoldLayer[]): FoldedLayers {
  const fold: Fold = {
    definitions: new Map(),
    firsts: new Map(),
    deeds: new Map(),
    added: new Map(),
    changed: new Set(),
    problems: [],
  };
  const plugins = new Set(layers.map((layer) => layer.plugin));
  const early: [LayerDocument, Origin][] = [];
  for (const layer of [...layers].sort((a, b) => a.position - b.position || (a.plugin < b.plugin ? -1 : 1))) {
    const origin = { plugin: layer.plugin, version: layer.version };
    const documents = sortedDocuments(layer).filter((each) => add(fold, each, origin));
    for (const each of documents)
      if (each.type === 'extension' && !extend(fold, each, origin)) early.push([each, origin]);
    for (const each of documents) if (each.type === 'change') change(fold, each, origin, plugins);
  }
  for (const [each, origin] of early) extend(fold, each, origin);
  return results(fold);
}

interface Fold {
  readonly definitions: Map<string, Map<string, LayerDocument>>;
  readonly firsts: Map<string, Origin>;
  readonly deeds: Map<string, Deed[]>;
  readonly added: Map<string, Set<string>>;
  readonly changed: Set<string>;
  readonly problems: DefinitionProblem[];
}

function results(fold: Fold): FoldedLayers {
  const trees = new Map<string, OriginTree>();
  const treeOf = (name: string): OriginTree | null => {
    const first = fold.firsts.get(name);
    if (first === undefined) return null;
    const tree = trees.get(name) ?? originTree(first, fold.deeds.get(name) ?? []);
    trees.set(name, tree);
    return tree;
  };
  return {
    definitions: (type) => fold.definitions.get(type) ?? new Map(),
    provenance(type, id, pointer) {
      const definition = fold.definitions.get(type)?.get(id);
      const tree = treeOf(`${type}:${id}`);
      if (!definition || !tree || valueAtPointer(definition.document, pointer) === undefined) return null;
      return originAt(tree, pointerSteps(pointer) ?? []);
    },
    origins(type, id) {
      const tree = treeOf(`${type}:${id}`);
      return tree ? listOrigins(tree) : new Map();
    },
    added: (entity) => fold.added.get(entity) ?? new Set(),
    changed: fold.changed,
    problems: fold.problems,
  };
}

function sortedDocuments(layer: FoldLayer): LayerDocument[] {
  const named = layer.documents.map((each) => ({ each, name: each.type + each.id }));
  return named.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ each }) => each);
}

/** False where an earlier layer brought a document of this name. */
function add(fold: Fold, each: LayerDocument, origin: Origin): boolean {
  const name = nameOf(each);
  const owner = fold.firsts.get(name);
  if (owner) {
    const message = `${name} is already defined by ${owner.plugin}`;
    fold.problems.push({ file: name, pointer: '', code: 'definition.duplicate_id', message });
    return false;
  }
  const ofType = fold.definitions.get(each.type) ?? new Map<string, LayerDocument>();
  fold.definitions.set(each.type, ofType.set(each.id, each));
  fold.firsts.set(name, origin);
  return true;
}

/** False where the entity is not there (yet). */
function extend(fold: Fold, extension: LayerDocument, origin: Origin): boolean {
  const entity = fold.definitions.get('entity')?.get(extension.document.entity as string);
  if (!entity) return false;
  const { document, keys } = mergeExtension(entity.document, extension.document);
  replace(fold, entity, document, {
    origin,
    operations: keys.map((key) => ({ op: 'set', at: `/properties${pointerStep(key)}`, value: null })),
  });
  return true;
}

function change(fold: Fold, each: LayerDocument, origin: Origin, plugins: ReadonlySet<string>): void {
  const target = each.document.target as { type: string; id: string };
  const report = (pointer: string, code: string, message: string): number =>
    fold.problems.push({ file: nameOf(each), pointer, code, message });
  const below = fold.definitions.get(target.type)?.get(target.id);
  if (!below) {
    if (plugins.has(target.id.split('.')[0]))
      report('/target/id', 'change.target_missing', `there is no ${target.type} "${target.id}" to change`);
    return;
  }
  const { document, done, failed } = foldChange(origin.plugin, target, below.document, each.document);
  const operations = each.document.operations as readonly { at: string }[];
  for (const { index, code, message } of failed)
    report(`/operations/${index}/at`, code, `${target.type}:${target.id}#${operations[index].at}: ${message}`);
  if (target.type === 'entity' && !target.id.startsWith(`${origin.plugin}.`)) noteAdded(fold, below, document);
  fold.changed.add(nameOf(below));
  replace(fold, below, document, { origin, operations: done });
}

function noteAdded(fold: Fold, { id, document }: LayerDocument, after: Document): void {
  const before = (document.properties ?? {}) as Document;
  if (after.properties === before) return;
  for (const key of Object.keys((after.properties ?? {}) as Document))
    if (!Object.hasOwn(before, key)) fold.added.set(id, (fold.added.get(id) ?? new Set()).add(key));
}

function replace(fold: Fold, definition: LayerDocument, document: Document, deed: Deed): void {
  if (document !== definition.document)
    fold.definitions.get(definition.type)?.set(definition.id, { ...definition, document });
  const name = nameOf(definition);
  const deeds = fold.deeds.get(name);
  if (deeds) deeds.push(deed);
  else fold.deeds.set(name, [deed]);
}

function nameOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}:${id}`;
}
