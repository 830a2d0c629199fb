import { listOperators } from '../operators.js';
import { joinColumns, joinTableName, quoteName } from '../names.js';
import { columnKind, ok, refuse } from './column-kind.js';
import { linkReadSchema, linkSchema, sampleId, toId } from './link-kind.js';
import type { FieldModel } from '../model.js';
import type { Coerced, FieldKind } from './kind.js';

/** One end of a to-many link as written. */
export interface LinkItem {
  readonly id: string;
  readonly label: string | null;
}

/** Canonical form of a write: an array replaces all, an object changes some. */
export type LinksWrite =
  readonly LinkItem[] | { readonly add: readonly LinkItem[]; readonly remove: readonly string[] };

/** Several records of another entity, in a table of their own, each with an optional label. */
export const links: FieldKind = columnKind({
  id: 'links',
  relation: 'many',
  pgType: 'uuid[]',
  expr: { t: 'list', of: { t: 'text' } },
  exprType: (field) => ({ t: 'list', of: { t: 'record', entities: field.to } }),
  bytes: 0,
  ops: listOperators,
  widget: 'links',
  columns: () => [],
  encode: () => ({}),
  select: idsSql,
  exprSql: idsSql,
  sortSql: () => null,
  groupSql: () => null,
  indexSql: () => null,
  aggregates: () => ['count'],
  valueSchema: () => {
    const item = {
      anyOf: [
        linkSchema.anyOf[0],
        {
          ...linkSchema.anyOf[1],
          properties: { ...linkSchema.anyOf[1].properties, label: { type: ['string', 'null'] } },
        },
      ],
    };
    const many = { type: 'array', items: item, maxItems: 1000 };
    return {
      anyOf: [
        many,
        {
          type: 'object',
          additionalProperties: false,
          properties: { add: many, remove: { type: 'array', items: linkSchema, maxItems: 1000 } },
        },
      ],
    };
  },
  readSchema: (field) => ({
    type: 'array',
    items: {
      ...linkReadSchema,
      properties: {
        ...linkReadSchema.properties,
        label: {
          type: ['string', 'null'],
          ...(field.labels.length > 0 ? { enum: [...field.labels.map((label) => label.value), null] } : {}),
        },
      },
    },
  }),
  normalize: (value, field) => {
    if (Array.isArray(value)) return items(value, field);
    const change = value as { add?: unknown[]; remove?: unknown[] };
    const add = items(change.add ?? [], field);
    if (!add.ok) return add;
    const remove = items(change.remove ?? [], field);
    return remove.ok ? ok({ add: add.value, remove: (remove.value as LinkItem[]).map((item) => item.id) }) : remove;
  },
  coerce: (text, field) => {
    const parts = text
      .split(/[;\n]/)
      .map((part) => part.trim())
      .filter(Boolean);
    return items(
      parts.map((part) => {
        const bar = part.indexOf('|');
        return bar < 0 ? { id: part } : { id: part.slice(0, bar), label: part.slice(bar + 1) };
      }),
      field,
    );
  },
  format: (value) =>
    (value as LinkItem[]).map((item) => (item.label ? `${item.id}|${item.label}` : item.id)).join('; '),
  cases: {
    schema: { 'x-field': { to: 'contacts.company', labels: [{ value: 'employee', title: 'Employee' }] } },
    valid: [
      { input: [sampleId], canonical: [{ id: sampleId, label: null }] },
      { input: [{ id: sampleId, label: 'employee' }] },
      {
        input: { add: [{ id: sampleId }], remove: [] },
        canonical: { add: [{ id: sampleId, label: null }], remove: [] },
      },
      { input: [], canonical: [] },
    ],
    invalid: [sampleId, ['acme'], [{ id: sampleId, label: 'boss' }], { set: [] }, 5],
    texts: [
      { text: `${sampleId}|employee`, value: [{ id: sampleId, label: 'employee' }] },
      { text: 'Acme; Initech', problem: 'link.unresolved' },
      { text: `${sampleId}|boss`, problem: 'link.label' },
    ],
  },
});

function items(values: readonly unknown[], field: FieldModel): Coerced {
  const found = new Map<string, LinkItem>();
  for (const value of values) {
    const id = toId(value);
    if (!id.ok) return id;
    const label =
      (typeof value === 'object' && value !== null ? ((value as { label?: string | null }).label ?? null) : null) ||
      null;
    if (label !== null && !field.labels.some((known) => known.value === label))
      return refuse('link.label', `"${label.slice(0, 40)}" is not a label of ${field.title}.`, {
        labels: field.labels.map((known) => known.value),
      });
    found.set(id.value as string, { id: id.value as string, label });
  }
  return ok([...found.values()]);
}

/** Ids at the other end, as `uuid[]`; the join table stands in the schema `data` like all tables of records. */
function idsSql(field: FieldModel, alias: string): string {
  const { source, target } = joinColumns;
  return `array(select j.${target} from data.${quoteName(joinTableName(field.entity, field.key))} j where j.${source} = ${alias}.id)`;
}
