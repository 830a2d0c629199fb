import { validateDefinition, type SchemaModel } from '../schema/index.js';
import { checkReferences } from './check-references.js';
import type { Catalog, Definition } from './types.js';

/** One fault of a document that is not part of the catalog. */
export interface DocumentFault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/**
 * Everything that would keep a document from being a definition of that type: its shape, and the names and expressions it uses.
 * `schema` is what its author may know of: names outside of it are unknown, and are not suggested either. Pure.
 */
export function checkDocument(
  catalog: Pick<Catalog, 'definitions'>,
  schema: SchemaModel,
  type: string,
  document: unknown,
): DocumentFault[] {
  const faults: DocumentFault[] = validateDefinition(type, document, type).map(({ pointer, code, message }) => ({
    pointer,
    code,
    message,
  }));
  if (faults.length > 0) return faults;
  const definition: Definition = { type, id: type, document: document as Definition['document'] };
  checkReferences({ schema, definitions: (of) => catalog.definitions(of) }, definition, (_, pointer, code, message) =>
    faults.push({ pointer, code, message }),
  );
  return faults;
}
