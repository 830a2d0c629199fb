import type { Log } from '../../base/log.js';
import type { Database } from '../../storage/index.js';
import type { CatalogService } from '../types.js';
import type { Ask } from './change-store.js';
import type { Standing } from './prepare.js';

/** What the verbs of this folder work with. */
export interface ChangesDeps {
  readonly db: Database;
  readonly log: Log;
  /** Quoted display collation of the workspace. */
  readonly collation: string;
  /** IANA zone of the workspace; absent: UTC. */
  readonly zone?: string;
  readonly catalog: CatalogService;
  /** Asks the database outside of transactions. */
  readonly ask: Ask;
  /** The catalog as the database has it now; read anew only where this node is behind. */
  standing(): Promise<Standing>;
}
