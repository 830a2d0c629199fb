import type { CatalogEntity, CatalogField } from '../../meta/index.js';

/** The fields of a child record that a grid of lines shows: its own, without the link to the parent and the number of order. */
export function lineColumns(entity: CatalogEntity | undefined, lines: CatalogField['lines']): CatalogField[] {
  const siblings = new Set(entity?.fields.flatMap((field) => (field.currencyField ? [field.currencyField] : [])));
  return (entity?.fields ?? []).filter(
    (field) =>
      !field.system &&
      field.key !== lines?.link &&
      field.key !== lines?.position &&
      !siblings.has(field.key) &&
      !['lines', 'links', 'json', 'richText', 'secret'].includes(field.kind),
  );
}
