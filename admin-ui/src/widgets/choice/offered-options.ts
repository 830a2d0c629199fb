import type { CatalogField } from '../../../../schemas/catalog.js';

export interface OfferedOption {
  value: string;
  title: string;
  color?: string;
}

/** Options to choose from: without retired ones, except those the record still has; a value that no option knows stands for itself. */
export function offeredOptions(field: CatalogField, value: unknown): OfferedOption[] {
  const held = new Set(
    Array.isArray(value)
      ? value.map(String)
      : value === null || value === undefined || value === ''
        ? []
        : [String(value)],
  );
  const offered = (field.options ?? []).filter((option) => !option.retired || held.has(option.value));
  const known = new Set(offered.map((option) => option.value));
  return [...offered, ...[...held].filter((one) => !known.has(one)).map((one) => ({ value: one, title: one }))];
}

/** The held options in order, for showing. */
export function heldOptions(field: CatalogField, value: unknown): OfferedOption[] {
  const values = Array.isArray(value) ? value : value === null || value === undefined || value === '' ? [] : [value];
  return values.map(
    (one) => field.options?.find((option) => option.value === one) ?? { value: String(one), title: String(one) },
  );
}
