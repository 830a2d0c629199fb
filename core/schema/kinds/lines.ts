import { blankOperators } from '../operators.js';
import { isUuid } from '../uuid.js';
import type { FieldModel } from '../model.js';
import { ok, refuse } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';
import { sampleId } from './link-kind.js';

/** One line as written: the values of a child record, with its id where it stands already. */
export type LineValues = Readonly<Record<string, unknown>>;

/** Canonical form of a write: an array is all that shall stand, an object changes some. */
export type LinesWrite =
  readonly LineValues[] | { readonly upsert: readonly LineValues[]; readonly remove: readonly string[] };

/** Lines that one write may bring, and that one record shows. */
export const linesAtMost = 1000;

/** Child records that are read and written inside their parent, e.g. the lines of a quote. The values are the child's own. */
export const lines: FieldKind = {
  id: 'lines',
  exprType: (field) => ({ t: 'list', of: { t: 'record', entities: field.lines ? [field.lines.entity] : [] } }),
  columns: () => [],
  valueSchema: () => {
    const many = { type: 'array', items: { type: 'object' }, maxItems: linesAtMost };
    const ids = { type: 'array', items: { type: 'string', maxLength: 36 }, maxItems: linesAtMost };
    return {
      anyOf: [many, { type: 'object', additionalProperties: false, properties: { upsert: many, remove: ids } }],
    };
  },
  readSchema: () => ({
    type: 'array',
    items: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
  }),
  normalize: (value) => {
    if (Array.isArray(value)) return checkIds(value as LineValues[], [], value);
    const { upsert = [], remove = [] } = value as { upsert?: LineValues[]; remove?: string[] };
    return checkIds(upsert, remove, { upsert, remove });
  },
  encode: () => ({}),
  select: () => `'[]'::json`,
  exprSql: () => `'{}'::text[]`,
  sortSql: () => null,
  sortType: () => 'text',
  indexSql: () => null,
  searchSql: () => null,
  aggregates: () => ['count'],
  groupSql: () => null,
  operators: () => blankOperators,
  coerce: (_text, field: FieldModel) =>
    refuse('field.lines_cell', `${field.title} holds records of their own: import them as such.`),
  format: () => '',
  width: () => 0,
  widget: 'lines',
  cases: {
    schema: { 'x-field': { of: 'parts' } },
    valid: [
      { input: [] },
      { input: [{ name: 'a' }, { id: sampleId, name: 'b' }] },
      { input: { upsert: [{ id: sampleId }] }, canonical: { upsert: [{ id: sampleId }], remove: [] } },
      { input: { remove: [sampleId] }, canonical: { upsert: [], remove: [sampleId] } },
    ],
    invalid: ['a', 5, [5], { set: [] }, { remove: ['x'] }, [{ id: 'x' }], [{ id: sampleId }, { id: sampleId }]],
    texts: [{ text: 'a', problem: 'field.lines_cell' }],
  },
};

function checkIds(items: readonly LineValues[], remove: readonly string[], value: unknown): Coerced {
  const seen = new Set<string>();
  for (const id of [
    ...items.flatMap((item) => (item.id === undefined || item.id === null ? [] : [item.id])),
    ...remove,
  ]) {
    if (!isUuid(id)) return refuse('lines.bad_id', `"${String(id).slice(0, 80)}" is not the id of a line.`);
    if (seen.has(id.toLowerCase())) return refuse('lines.twice', `The line ${id} is given twice.`);
    seen.add(id.toLowerCase());
  }
  return ok(value);
}
