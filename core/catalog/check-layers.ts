import { checkReferences } from './check-references.js';
import { definitionProblem, foldCatalog, missingId, toCatalogProblem, type Folded } from './fold-catalog.js';
import type { CatalogProblem, Layer } from './types.js';

/** Everything that keeps these layers from being applied together: unknown names, clashes, expressions that do not check. Pure. */
export function checkLayers(layers: readonly Layer[]): CatalogProblem[] {
  return problemsOf(foldCatalog(layers, () => missingId));
}

/** The same for layers that are folded already. */
export function problemsOf({ layers, folded, schema, problems }: Folded): CatalogProblem[] {
  const found = problems.map(toCatalogProblem);
  const known = { schema, definitions: (type: string) => folded.definitions(type) };
  for (const type of new Set(layers.flatMap((layer) => layer.documents.map((document) => document.type)))) {
    for (const definition of folded.definitions(type).values()) {
      checkReferences(known, definition, (...fault) => found.push(definitionProblem(...fault)));
    }
  }
  return found;
}
