import { textOperators } from '../operators.js';
import { keep } from './text.js';
import { columnKind, textBytes } from './column-kind.js';
import type { FieldModel } from '../model.js';
import type { FieldKind } from './kind.js';

/** A number the kernel counts, in the field's `format` (`ACC-{00000}`). Never written by clients. */
export const autoNumber: FieldKind = columnKind({
  id: 'autoNumber',
  insertSql: (field, sequence) =>
    `trellis.auto_number('${formatOf(field).replaceAll("'", "''")}', nextval('${sequence.replaceAll("'", "''")}'))`,
  pgType: 'text collate "C"',
  expr: { t: 'text' },
  bytes: textBytes,
  indexed: true,
  searched: true,
  ops: textOperators,
  widget: 'autoNumber',
  valueSchema: () => ({ type: 'string', maxLength: 100 }),
  normalize: keep,
  coerce: keep,
  format: (value) => value as string,
  cases: { valid: [{ input: 'ACC-00042' }], invalid: [42, '\0'], texts: [{ text: 'ACC-00042', value: 'ACC-00042' }] },
});

/** `ACC-{00000}`: the zeros in braces are the least width; a format without braces gets the number appended. */
function formatOf(field: FieldModel): string {
  return typeof field.x.format === 'string' ? field.x.format : '{0}';
}
