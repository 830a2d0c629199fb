import type { CatalogService } from '../catalog/index.js';
import type { ActorStore, ContextFactory } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** What the functions of this room share. */
export interface NotificationDeps {
  readonly database: Database;
  readonly catalog: CatalogService;
  readonly contexts: ContextFactory;
  readonly actors: ActorStore;
}
