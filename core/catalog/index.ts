/**
 * The effective definitions: layers kept in the database, folded into one immutable `Catalog`, and applied to the tables.
 * It never reads or writes a record, and knows nothing of files or plugins' code.
 * Invariants: the catalog is a function of the stored layers and node ids alone; its epoch grows with every change, in the
 * transaction that changed the tables; an id, once given to a field, is never given to another; nothing is dropped.
 */
export {
  CATALOG,
  type Catalog,
  type CatalogProblem,
  type CatalogService,
  type Definition,
  type Holdings,
  type Layer,
  type LayersPlan,
  type Provenance,
  type RetiredField,
} from './types.js';
export { findUnknownNames, type UnknownName } from './unknown-names.js';
export { checkDocument, type DocumentFault } from './check-document.js';
export { checkLayers } from './check-layers.js';
export { createCatalogService, type CatalogDeps } from './catalog-service.js';
export {
  CHANGES,
  type Book,
  type ChangeInput,
  type Changes,
  type ChangesQuery,
  type ChangeSet,
  type DefinitionEntry,
  type DraftInput,
  type RevertInput,
  type WorkspaceOperation,
} from './changes/types.js';
export { finishChangesJob } from './changes/finish-preparing.js';
export { CatalogModule } from './catalog.module.js';
export { usagesOf, usedName, type Usage } from './usages.js';
