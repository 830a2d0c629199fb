import type { AuditLog, Tx } from '../sdk/index.js';
import type { Secrets } from '../storage/index.js';
import type { Log } from '../base/log.js';
import type { Database } from '../storage/index.js';
import type { CredentialCache } from './credential-cache.js';
import type { Hasher } from './hash.js';
import type { Toucher } from './toucher.js';

/** What the functions of this room share. */
export interface IdentityDeps {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly log: Log;
  readonly hasher: Hasher;
  readonly cache: CredentialCache;
  readonly toucher: Toucher;
  /** Seals secrets of the second factor and of sign-in elsewhere with the workspace's key. */
  readonly secrets: Secrets;
  /** Where browsers reach us, or null: on this machine only. */
  readonly publicUrl: string | null;
  /** Throws user.not_found where there is no such user. */
  requireUser(tx: Tx, userId: string): Promise<void>;
  /** Ids of the roles of the present catalog. */
  roleIds(): ReadonlySet<string>;
  /** Ids of the entities of the present catalog. */
  entityIds(): Iterable<string>;
}
