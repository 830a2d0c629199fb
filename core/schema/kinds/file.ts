import { blankOperators } from '../operators.js';
import { linkKind, linkReadSchema } from './link-kind.js';
import type { FieldKind } from './kind.js';

/** An uploaded file: a link to `core.attachment`, answered with name, size and media type. */
export const file: FieldKind = linkKind({
  id: 'file',
  linkFields: ['size', 'mediaType'],
  ops: blankOperators,
  widget: 'file',
  indexSql: () => null,
  groupSql: () => null,
  sortSql: () => null,
  aggregates: () => ['count'],
  readSchema: () => ({
    ...linkReadSchema,
    properties: {
      ...linkReadSchema.properties,
      size: { type: ['integer', 'null'] },
      mediaType: { type: ['string', 'null'] },
    },
  }),
});
