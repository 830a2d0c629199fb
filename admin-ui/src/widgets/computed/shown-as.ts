import type { CatalogField } from '../../meta/index.js';

/** A computed field as a field of the kind that it gives. */
export function shownAs(field: CatalogField): CatalogField {
  const kind = field.returns ?? 'text';
  return { ...field, kind, widget: kind };
}
