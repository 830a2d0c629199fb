import type { FieldModel } from '../../schema/index.js';
import type { Json, RecordData } from '../../sdk/index.js';
import type { OutCell } from '../write/csv-line.js';

/** One column of an exported table. */
export interface ExportColumn {
  readonly header: string;
  cell(record: RecordData): OutCell;
}

/**
 * Columns of fields, each under its key, so that an import finds it again; links as ids, with their titles for people
 * beside them under `<key>.title`, which an import leaves out. The id leads, so that no line is ever blank.
 */
export function exportColumns(fields: readonly FieldModel[]): ExportColumn[] {
  return fields.flatMap((field) => {
    const own: ExportColumn = { header: field.key, cell: (record) => cellOf(field, record[field.key] ?? null) };
    return field.kind.relation
      ? [own, { header: `${field.key}.title`, cell: (record) => titlesOf(record[field.key] ?? null) }]
      : [own];
  });
}

/** A path over a link (`company.name`): shown as it is, for people. */
export function pathColumn(path: readonly string[]): ExportColumn {
  return {
    header: path.join('.'),
    cell: (record) => {
      const value = path.reduce<Json>(
        (at, key) => (typeof at === 'object' && at !== null && !Array.isArray(at) ? (at[key] ?? null) : null),
        record as Json,
      );
      return value === null
        ? null
        : typeof value === 'object'
          ? JSON.stringify(value)
          : typeof value === 'number'
            ? value
            : String(value);
    },
  };
}

function cellOf(field: FieldModel, value: Json): OutCell {
  if (value === null) return null;
  if (typeof value === 'number') return value;
  return field.kind.format(value, field);
}

function titlesOf(value: Json): OutCell {
  if (value === null) return null;
  const items = Array.isArray(value) ? value : [value];
  return items
    .map((item) => (typeof item === 'object' && item !== null && !Array.isArray(item) ? String(item.title ?? '') : ''))
    .join('; ');
}
