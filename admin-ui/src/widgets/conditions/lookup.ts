import type { InjectionKey } from 'vue';
import { inject } from 'vue';
import type { CatalogEntity, CatalogField } from '../../meta/index.js';
import { useCatalog } from '../../meta/index.js';

/** Where the condition builder finds entities and fields: the catalog, or one with changes that are not applied yet. */
export interface FieldLookup {
  entityOf(id: string): CatalogEntity | undefined;
  /** The field at the end of a path over to-one links, e.g. `company.name`. */
  fieldAt(entity: string, path: string): CatalogField | undefined;
}

export const FIELD_LOOKUP: InjectionKey<FieldLookup> = Symbol('field lookup');

/** The lookup that the page provides; by itself the catalog. */
export function useFieldLookup(): FieldLookup {
  return inject<FieldLookup | null>(FIELD_LOOKUP, null) ?? useCatalog();
}
