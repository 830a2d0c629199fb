import { mkdir } from 'node:fs/promises';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import { createDatabase, type DatabaseOptions } from './database.js';
import { startEmbedded } from './embedded.js';
import { runMigrations } from './migrate.js';
import { migrations } from './migrations/index.js';
import type { Database } from './types.js';

/** A database that is ready: its server runs, the kernel's tables are up to date. */
export interface OpenDatabase {
  readonly db: Database;
  /** Ids of the migrations that ran now. */
  readonly migrated: readonly string[];
  /** Closes the pool, then stops the embedded server where there is one. */
  close(): Promise<void>;
}

/** Starts the embedded server unless DATABASE_URL is set, opens the pool and migrates. Cleans up after itself where one of them fails. */
export async function openDatabase(
  config: Config,
  log: Log,
  onStatement?: DatabaseOptions['onStatement'],
): Promise<OpenDatabase> {
  await mkdir(config.dataDir, { recursive: true });
  const server = config.databaseUrl === null ? await startEmbedded({ dataDir: config.dataDir, log }) : null;
  let db: Database | null = null;
  try {
    db = await createDatabase({
      url: config.databaseUrl ?? (server?.url as string),
      poolSize: config.poolSize,
      slowQueryMs: config.slowQueryMs,
      log,
      onStatement,
    });
    const migrated = await runMigrations(db, migrations);
    const pool = db;
    return { db, migrated, close: () => pool.close().finally(() => server?.stop()) };
  } catch (error) {
    await db?.close().catch(() => undefined);
    await server?.stop();
    throw error;
  }
}
