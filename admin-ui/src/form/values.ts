import type { CatalogEntity, CatalogField } from '../../../schemas/catalog.js';
import { isEmpty, linksChange, plain, written } from '../widgets/written.js';
import { isEditable, siblingKeys } from './layout.js';

export type Values = Record<string, unknown>;

/** Deep equality of JSON values, with null, undefined and '' alike. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (isEmpty(left) && isEmpty(right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((one, index) => sameValue(one, right[index]));
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => sameValue((left as Values)[key], (right as Values)[key]));
}

/** Values of a new record: defaults of the fields, then what the caller prefills. */
export function initialValues(entity: CatalogEntity, prefill: Values = {}): Values {
  const values: Values = {};
  for (const field of entity.fields)
    if (field.default !== undefined && isEditable(field)) values[field.key] = plain(field.default);
  return { ...values, ...prefill };
}

/** The body of `POST /api/records/:entity`: everything filled in, nothing else. */
export function createBody(entity: CatalogEntity, values: Values): Values {
  const body: Values = {};
  for (const field of writable(entity))
    if (!isEmpty(values[field.key])) body[field.key] = written(field, values[field.key]);
  return body;
}

/** The body of a PATCH: only what differs; `links` as what to add and remove. Empty: nothing changed. */
export function changesBody(entity: CatalogEntity, before: Values, after: Values): Values {
  const body: Values = {};
  for (const field of writable(entity)) {
    if (!(field.key in after) || sameValue(before[field.key], after[field.key])) continue;
    body[field.key] =
      field.kind === 'links' ? linksChange(before[field.key], after[field.key]) : written(field, after[field.key]);
  }
  return body;
}

/** Values of a duplicate: what can be written and need not be unique. */
export function duplicateValues(entity: CatalogEntity, record: Values): Values {
  const values: Values = {};
  for (const field of writable(entity))
    if (!field.unique && !isEmpty(record[field.key])) values[field.key] = plain(record[field.key]);
  return values;
}

function writable(entity: CatalogEntity): CatalogField[] {
  const siblings = siblingKeys(entity);
  return entity.fields.filter((field) => isEditable(field) || siblings.has(field.key));
}
