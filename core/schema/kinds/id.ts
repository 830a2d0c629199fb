import { linkKind, sampleId } from './link-kind.js';
import { isUuid } from '../uuid.js';
import { ok, refuse } from './column-kind.js';
import type { FieldKind } from './kind.js';

/** The record's own id. In expressions a record without members, so that it compares like a link does. Not for files. */
export const id: FieldKind = linkKind({
  id: 'id',
  ops: ['eq', 'ne', 'in', 'notIn'],
  widget: 'id',
  relation: undefined,
  exprType: () => ({ t: 'record', entities: [] }),
  indexSql: () => null,
  aggregates: () => ['count'],
  valueSchema: () => ({ type: 'string', format: 'uuid', maxLength: 36 }),
  readSchema: () => ({ type: 'string', format: 'uuid' }),
  normalize: (value) => (isUuid(value) ? ok(value.toLowerCase()) : refuse('field.id', 'An id is a UUID.')),
  format: (value) => value as string,
  cases: { valid: [{ input: sampleId }], invalid: ['1', '', 5], texts: [{ text: sampleId, value: sampleId }] },
});
