import { ensureBuilt } from '../../core/cli/build.mjs';
import { startPostgres } from './postgres-server.mjs';

/** Builds the server where its sources have changed; starts one PostgreSQL for the whole run, on which test files clone their databases from a template (`template.ts`). */
export default async function setup() {
  await ensureBuilt({ only: ['server'] });
  if (process.env.TEST_POSTGRES_URL) return; // A server of one's own, e.g. PostgreSQL 15.
  const server = await startPostgres();
  globalThis.testPostgres = server;
  process.env.TEST_POSTGRES_URL = server.url;
}
