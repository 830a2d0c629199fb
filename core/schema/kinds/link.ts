import { linkOperators } from '../operators.js';
import { linkKind } from './link-kind.js';
import type { FieldKind } from './kind.js';

/** One record of another entity. */
export const link: FieldKind = linkKind({ id: 'link', ops: linkOperators, widget: 'link' });
