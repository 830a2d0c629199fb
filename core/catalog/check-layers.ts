import { validateDefinition, type DefinitionProblem } from '../schema/index.js';
import { checkReferences } from './check-references.js';
import { definitionProblem, foldCatalog, missingId, toCatalogProblem, type Folded } from './fold-catalog.js';
import type { CatalogProblem, Definition, Layer } from './types.js';

/**
 * Everything that keeps these layers from being applied together: unknown names, clashes, expressions that do not check. What
 * was sound before a plugin's changes is the fault of that plugin, wherever it shows. Pure.
 */
export function checkLayers(layers: readonly Layer[]): CatalogProblem[] {
  const all = problemsIn(layers);
  const changing = layers.filter((layer) => layer.documents.some(isChange)).sort((a, b) => a.position - b.position);
  if (all.length === 0 || changing.length === 0) return all;
  const included = new Set<Layer>();
  const cut = (): Layer[] =>
    layers.map((layer) =>
      included.has(layer) ? layer : { ...layer, documents: layer.documents.filter((one) => !isChange(one)) },
    );
  const found = problemsIn(cut());
  for (const layer of changing) {
    const known = new Set(found.map(keyOf));
    included.add(layer);
    found.push(
      ...problemsIn(cut())
        .filter((problem) => !known.has(keyOf(problem)))
        .map((problem) => blame(layer, problem)),
    );
  }
  return found;
}

function problemsIn(layers: readonly Layer[]): CatalogProblem[] {
  return problemsOf(foldCatalog(layers, () => missingId));
}

function isChange({ type }: Definition): boolean {
  return type === 'change';
}

/** A fault of a definition that a plugin's changes made, told at the change of it or, where it has none, at its first one. */
function blame({ plugin, documents }: Layer, problem: CatalogProblem): CatalogProblem {
  if (problem.type === 'change') return problem;
  const changes = documents.filter(isChange);
  const id = `${plugin}.${problem.type}.${problem.id}`;
  return {
    ...problem,
    plugin,
    type: 'change',
    id: changes.some((change) => change.id === id) ? id : changes[0].id,
    pointer: '/operations',
    message: `makes ${problem.type}:${problem.id}#${problem.pointer} unsound: ${problem.message}`,
  };
}

function keyOf({ type, id, pointer, code, message }: CatalogProblem): string {
  return `${type}:${id}#${pointer} ${code} ${message}`;
}

/** The same for layers that are folded already. */
export function problemsOf({ layers, folded, schema, problems }: Folded): CatalogProblem[] {
  const found = problems.map(toCatalogProblem);
  const known = { schema, definitions: (type: string) => folded.definitions(type) };
  for (const type of new Set(layers.flatMap((layer) => layer.documents.map((document) => document.type)))) {
    for (const definition of folded.definitions(type).values()) {
      if (folded.changed.has(`${type}:${definition.id}`)) found.push(...shapeProblems(definition));
      checkReferences(known, definition, (...fault) => found.push(definitionProblem(...fault)));
    }
  }
  return found;
}

const shapes = new WeakMap<Definition['document'], readonly DefinitionProblem[]>();

/** Each change was checked by its own schema; what they made of a document is checked by the document's. */
function shapeProblems(definition: Definition): CatalogProblem[] {
  const { type, id, document } = definition;
  const known = shapes.get(document) ?? validateDefinition(type, document, `${type}:${id}`);
  shapes.set(document, known);
  return known.map(({ pointer, code, message }) => definitionProblem(definition, pointer, code, message));
}
