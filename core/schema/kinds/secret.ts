import { blankOperators } from '../operators.js';
import { columnName } from '../names.js';
import { columnKind, columnSql, textBytes } from './column-kind.js';
import { keep } from './text.js';
import type { FieldKind } from './kind.js';

/** What a record holds of a secret on its way to the database: `sealed` is the ciphertext. */
export interface SealedSecret {
  readonly set: true;
  readonly sealed: string;
}

/**
 * A text that is kept encrypted. Written as text; read as `{ set: true }`, or null. Records seals it before it comes to `encode`,
 * which takes no plain text. It compares with null only.
 */
export const secret: FieldKind = columnKind({
  id: 'secret',
  sealed: true,
  pgType: 'text',
  expr: { t: 'json' },
  bytes: textBytes,
  sorted: false,
  grouped: false,
  measures: ['count'],
  ops: blankOperators,
  widget: 'secret',
  ofSql: undefined,
  show: (value) => `(case when ${value} is not null then '{"set":true}'::json end)`,
  exprSql: (field, alias) => `(case when ${columnSql(field, alias)} is not null then 'true'::jsonb end)`,
  searchSql: () => null,
  valueSchema: () => ({ type: 'string', minLength: 1, maxLength: 4000 }),
  readSchema: () => ({ type: 'object', required: ['set'], properties: { set: { const: true } } }),
  normalize: keep,
  encode: (value, field) => {
    const { sealed } = (value ?? { sealed: null }) as Partial<SealedSecret> & { sealed?: string | null };
    if (sealed === undefined) throw new TypeError(`${field.key} was not sealed`);
    return { [columnName(field.key)]: sealed };
  },
  coerce: keep,
  format: () => '',
  cases: {
    valid: [{ input: 'sk_live_51H8' }, { input: '密钥 ' }],
    invalid: ['', 5, { set: true }, 'a\0b', 'x'.repeat(4001)],
    texts: [{ text: ' s3cret ', value: ' s3cret ' }],
  },
});
