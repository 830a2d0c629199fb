import { linkOperators } from '../operators.js';
import { entityIdPattern, quoteName, suffixedColumn } from '../names.js';
import { isUuid } from '../uuid.js';
import { columnKind, indexedColumn, ok, refuse } from './column-kind.js';
import { linkReadSchema, sampleId } from './link-kind.js';
import type { FieldModel } from '../model.js';
import type { Coerced, FieldKind } from './kind.js';

interface Target {
  readonly entity: string;
  readonly id: string;
}

/** One record of one of several entities (`to: ["*"]`: of any). Canonical form: `{ entity, id }`. */
export const anyLink: FieldKind = columnKind({
  id: 'anyLink',
  relation: 'any',
  pgType: 'uuid',
  expr: { t: 'record', entities: [] },
  exprType: (field) => ({ t: 'record', entities: field.to }),
  bytes: 40,
  ops: linkOperators,
  widget: 'anyLink',
  columns: (field) => [
    { name: entityColumn(field), type: 'text' },
    { name: idColumn(field), type: 'uuid' },
  ],
  encode: (value, field) => {
    const target = value as Target | null;
    return { [entityColumn(field)]: target?.entity ?? null, [idColumn(field)]: target?.id ?? null };
  },
  select: idSql,
  exprSql: (field, alias, [member]) =>
    member === 'entity' ? `${alias}.${quoteName(entityColumn(field))}` : idSql(field, alias),
  sortSql: () => null,
  groupSql: idSql,
  indexSql: (field) => indexedColumn(field, true, idColumn(field)),
  valueSchema: (field) => ({
    type: 'object',
    required: ['entity', 'id'],
    properties: {
      entity: field.to.includes('*')
        ? { type: 'string', pattern: entityIdPattern, maxLength: 80 }
        : { enum: [...field.to] },
      id: { type: 'string', maxLength: 36 },
    },
  }),
  readSchema: () => ({
    ...linkReadSchema,
    required: ['entity', 'id', 'title'],
    properties: { entity: { type: 'string' }, ...linkReadSchema.properties },
  }),
  normalize: (value) => check(value as Target),
  coerce: (text, field) => {
    const match = /^\s*([A-Za-z0-9.-]+):([0-9A-Fa-f-]{36})\s*$/.exec(text);
    if (!match) return refuse('link.unresolved', `"${text.slice(0, 80)}" is not entity:id of a record.`);
    if (!field.to.includes('*') && !field.to.includes(match[1]))
      return refuse('link.entity', `${field.title} cannot point at "${match[1]}".`, { to: field.to });
    return check({ entity: match[1], id: match[2] });
  },
  format: (value) => `${(value as Target).entity}:${(value as Target).id}`,
  cases: {
    schema: { 'x-field': { to: ['contacts.company', 'contacts.contact'] } },
    valid: [
      { input: { entity: 'contacts.company', id: sampleId } },
      {
        input: { entity: 'contacts.contact', id: sampleId.toUpperCase(), title: 'Ada' },
        canonical: { entity: 'contacts.contact', id: sampleId },
      },
    ],
    invalid: [
      sampleId,
      { id: sampleId },
      { entity: 'sales.lead', id: sampleId },
      { entity: 'contacts.company', id: '1' },
      [],
    ],
    texts: [
      { text: `contacts.company:${sampleId}`, value: { entity: 'contacts.company', id: sampleId } },
      { text: `sales.lead:${sampleId}`, problem: 'link.entity' },
      { text: '00Q5g00000', problem: 'link.unresolved' },
    ],
  },
});

function entityColumn(field: FieldModel): string {
  return suffixedColumn(field.key, 'entity');
}

function idColumn(field: FieldModel): string {
  return suffixedColumn(field.key, 'id');
}

function idSql(field: FieldModel, alias: string): string {
  return `${alias}.${quoteName(idColumn(field))}`;
}

function check(target: Target): Coerced {
  return isUuid(target.id)
    ? ok({ entity: target.entity, id: target.id.toLowerCase() })
    : refuse('link.unresolved', `"${String(target.id).slice(0, 80)}" is not the id of a record.`);
}
