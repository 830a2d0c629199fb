import type { Access } from '../access/index.js';
import type { CatalogService } from '../catalog/index.js';
import type { Records } from '../records/index.js';
import type { ActorStore, AuditLog, ContextFactory, JobQueue } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** What the room works with. */
export interface ExchangeDeps {
  readonly db: Database;
  readonly catalog: CatalogService;
  readonly access: Access;
  readonly records: Records;
  readonly jobs: JobQueue;
  readonly contexts: ContextFactory;
  readonly actors: ActorStore;
  readonly audit: AuditLog;
  /** Absolute path; uploads are kept beneath it in `imports`. */
  readonly dataDir: string;
}
