import { mkdir } from 'node:fs/promises';
import { isTrellisError } from '../base/errors.js';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import { createDatabase } from './database.js';
import { findEmbedded, startEmbedded } from './embedded.js';
import { runMigrations } from './migrate.js';
import { migrations } from './migrations/index.js';
import type { Database } from './types.js';

/** A server to connect to. */
export interface OpenServer {
  readonly url: string;
  /** Stops the embedded server where this process started it. */
  close(): Promise<void>;
}

/** A database that is ready: its server runs, the kernel's tables are up to date. */
export interface OpenDatabase {
  readonly db: Database;
  readonly url: string;
  /** Ids of the migrations that ran now. */
  readonly migrated: readonly string[];
  /** Closes the pool, then stops the embedded server where there is one. */
  close(): Promise<void>;
}

/**
 * The server of DATABASE_URL, or the embedded one, started. With `share`, one that another Trellis runs on the data directory is
 * used beside it (backup, doctor); without, that is refused with storage.data_dir_in_use.
 */
export async function openServer(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  log: Log,
  { share = false }: { share?: boolean } = {},
): Promise<OpenServer> {
  if (config.databaseUrl !== null) return { url: config.databaseUrl, close: async () => {} };
  try {
    const server = await startEmbedded({ dataDir: config.dataDir, log });
    return { url: server.url, close: server.stop };
  } catch (error) {
    const inUse = share && isTrellisError(error) && error.code === 'storage.data_dir_in_use';
    const url = inUse ? await findEmbedded(config.dataDir) : null;
    if (url === null) throw error;
    return { url, close: async () => {} };
  }
}

/** Starts the embedded server unless DATABASE_URL is set, opens the pool and migrates. Cleans up after itself where one of them fails. */
export async function openDatabase(config: Config, log: Log): Promise<OpenDatabase> {
  await mkdir(config.dataDir, { recursive: true });
  const server = await openServer(config, log);
  let db: Database | null = null;
  try {
    db = await createDatabase({
      url: server.url,
      poolSize: config.poolSize,
      slowQueryMs: config.slowQueryMs,
      log,
    });
    const migrated = await runMigrations(db, migrations);
    const pool = db;
    return { db, url: server.url, migrated, close: () => pool.close().finally(() => server.close()) };
  } catch (error) {
    await db?.close().catch(() => undefined);
    await server.close();
    throw error;
  }
}
