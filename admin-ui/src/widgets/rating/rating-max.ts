import type { CatalogField } from '../../../../schemas/catalog.js';

/** Number of stars: the schema's maximum, else five; never more than ten. */
export function ratingMax(field: CatalogField): number {
  const maximum = Number(field.schema.maximum ?? 5);
  return Number.isInteger(maximum) && maximum > 0 ? Math.min(maximum, 10) : 5;
}
