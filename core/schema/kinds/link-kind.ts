import { isUuid } from '../uuid.js';
import { columnKind, ok, refuse } from './column-kind.js';
import type { ColumnKindSpec } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';

/** Written form of a link: an id, or the `{ id, title, … }` of an answer, of which only the id counts. */
export const linkSchema = {
  anyOf: [
    { type: 'string', maxLength: 36 },
    { type: 'object', required: ['id'], properties: { id: { type: 'string', maxLength: 36 } } },
  ],
} as const;

/** Read form of a link. */
export const linkReadSchema = {
  type: 'object',
  required: ['id', 'title'],
  properties: { id: { type: 'string', format: 'uuid' }, title: { type: ['string', 'null'] } },
} as const;

/** A kind whose value is the id of one record; query joins its title. Canonical form: the id in lower case. */
export function linkKind(spec: Pick<ColumnKindSpec, 'id' | 'ops' | 'widget'> & Partial<FieldKind>): FieldKind {
  return columnKind({
    pgType: 'uuid',
    relation: 'one',
    expr: { t: 'record', entities: [] },
    exprType: (field) => ({ t: 'record', entities: field.to }),
    bytes: 16,
    indexed: true,
    valueSchema: () => linkSchema,
    readSchema: () => linkReadSchema,
    normalize: (value) => toId(value),
    coerce: (text) => toId(text.trim()),
    format: (value) => (typeof value === 'string' ? value : (value as { id: string }).id),
    cases: linkCases,
    ...spec,
  });
}

/** Id of a link in any written form; `link.unresolved` tells an import to look the text up by another field. */
export function toId(value: unknown): Coerced {
  const id = typeof value === 'string' ? value : (value as { id: unknown }).id;
  return isUuid(id)
    ? ok(id.toLowerCase())
    : refuse('link.unresolved', `"${String(id).slice(0, 80)}" is not the id of a record.`);
}

export const sampleId = '0190a5c2-7b3e-7c4d-8e5f-001122334455';

const linkCases = {
  valid: [
    { input: sampleId },
    { input: { id: sampleId }, canonical: sampleId },
    { input: { id: sampleId.toUpperCase(), title: 'Acme' }, canonical: sampleId },
  ],
  invalid: ['acme', '', 5, {}, { title: 'Acme' }, [sampleId], { id: 5 }],
  texts: [
    { text: ` ${sampleId} `, value: sampleId },
    { text: '001Ec00000GGw3hIAD', problem: 'link.unresolved' },
  ],
};
