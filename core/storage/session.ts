import pg from 'pg';
import { databaseError } from './database-errors.js';

/** Runs `fn` on a new connection, which is among `open` until it is closed again. Numeric and int8 come as text. */
export async function runSession<T>(
  url: string,
  open: Set<pg.Client>,
  fn: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, keepAlive: true });
  // The statement that runs, or the next one, says it too.
  client.on('error', () => undefined);
  open.add(client);
  try {
    await client.connect();
    return await fn(client);
  } catch (error) {
    throw databaseError(error);
  } finally {
    open.delete(client);
    await client.end().catch(() => undefined);
  }
}
