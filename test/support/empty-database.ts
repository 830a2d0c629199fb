import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { silentLog } from '../../core/base/log.js';
import { createDatabase, migrations, runMigrations, type Database } from '../../core/storage/index.js';
import { cloneDatabase } from './template.js';

/** A database of its own on the tests' server. */
export interface EmptyDatabase {
  readonly db: Database;
  readonly url: string;
  /** Another pool on the same database. */
  connect(poolSize?: number): Promise<Database>;
  /** Closes all pools and drops the database. */
  drop(): Promise<void>;
}

/** Makes a database; `options` are those of `create database`. Migrated unless told otherwise. */
export async function emptyDatabase({
  options = '',
  migrated = true,
}: { options?: string; migrated?: boolean } = {}): Promise<EmptyDatabase> {
  // Migrating takes a hundred times as long as copying what was migrated.
  const isCopy = migrated && options === '';
  const { url, drop } = isCopy ? await cloneDatabase('kernel', migrate) : await createEmpty(options);
  const pools: Database[] = [];
  const connect = async (poolSize = 6): Promise<Database> => {
    const db = await open(url, poolSize);
    pools.push(db);
    return db;
  };
  const db = await connect();
  if (migrated && !isCopy) await runMigrations(db, migrations);
  return {
    db,
    url,
    connect,
    drop: async () => {
      for (const pool of pools) await pool.close().catch(() => undefined);
      await drop();
    },
  };
}

const open = (url: string, poolSize: number): Promise<Database> =>
  createDatabase({ url, poolSize, slowQueryMs: 10_000, log: silentLog });

async function migrate(url: string): Promise<void> {
  const db = await open(url, 1);
  try {
    await runMigrations(db, migrations);
  } finally {
    await db.close();
  }
}

async function createEmpty(options: string): Promise<Pick<EmptyDatabase, 'url' | 'drop'>> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await admin(`create database ${name} ${options}`);
  const url = new URL(process.env.TEST_POSTGRES_URL as string);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => admin(`drop database ${name} with (force)`) };
}

async function admin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.TEST_POSTGRES_URL });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
