import { userOperators } from '../operators.js';
import { linkKind } from './link-kind.js';
import type { FieldKind } from './kind.js';

/** A user of the workspace: a link to `core.user`. */
export const user: FieldKind = linkKind({ id: 'user', ops: userOperators, widget: 'user' });
