import { startPostgres } from './postgres-server.mjs';

/** Starts one PostgreSQL for the whole run; test files clone their databases from a template on it (`database.ts`). */
export default async function setup() {
  if (process.env.TEST_POSTGRES_URL) return; // A server of one's own, e.g. PostgreSQL 15.
  const server = await startPostgres();
  globalThis.testPostgres = server;
  process.env.TEST_POSTGRES_URL = server.url;
}
