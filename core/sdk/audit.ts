import type { Tx } from './context.js';
import type { Json } from './records.js';

/** One thing worth proving later. Never put secrets into the payload. */
export interface AuditInput {
  /** Dotted, e.g. `session.started`, `session.refused`, `apiKey.created`, `user.rolesChanged`, `records.exported`. */
  readonly kind: string;
  /** The acting user's id, or null where nobody is signed in or the system acts. */
  readonly actor: string | null;
  readonly requestId?: string | null;
  /** Details; may hold personal data, so it is kept apart and can be erased. */
  readonly payload: { readonly [key: string]: Json };
}

/** Where rooms write what must be provable; bound by app.module under AUDIT_LOG. */
export interface AuditLog {
  /** Appends one entry or many in one statement, inside `tx` where one is given, so that they stand exactly if the change does. */
  append(tx: Tx | null, entry: AuditInput | readonly AuditInput[]): Promise<void>;
}
