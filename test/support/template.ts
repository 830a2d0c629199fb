import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';

/** A database of one's own, cloned from a template. */
export interface ClonedDatabase {
  readonly url: string;
  /** For looking into tables directly. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/**
 * Clones the template of a variant (~30 ms), which `build` fills the first time any test file of the run asks for it.
 * `key` names everything that `build` depends on.
 */
export async function cloneDatabase(key: unknown, build: (url: string) => Promise<void>): Promise<ClonedDatabase> {
  const server = serverUrl();
  const template = `template_${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16)}`;
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(async (client) => {
    // One builds, the others wait here.
    await client.query('select pg_advisory_lock(hashtext($1))', [template]);
    const known = await client.query(`select 1 from pg_database where datname = $1 and datistemplate`, [template]);
    if (known.rowCount === 0) {
      await client.query(`drop database if exists ${template} with (force)`);
      await client.query(`create database ${template}`);
      await build(databaseUrl(server, template));
      await client.query(`alter database ${template} with is_template true allow_connections false`);
    }
    await client.query('select pg_advisory_unlock(hashtext($1))', [template]);
    await client.query(`create database ${name} template ${template} strategy file_copy`);
  });
  const url = databaseUrl(server, name);
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  return {
    url,
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await pool.query(text, [...values])).rows as Row[],
    drop: async () => {
      await pool.end();
      await asAdmin((client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

function serverUrl(): string {
  const url = process.env.TEST_POSTGRES_URL;
  if (!url) throw new Error('TEST_POSTGRES_URL is not set: test/support/global-setup.mjs has not run.');
  return url;
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.toString();
}

async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
