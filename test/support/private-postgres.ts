import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../core/base/log.js';
import { startEmbedded } from '../../core/storage/embedded.js';

/**
 * A PostgreSQL of one's own for one suite: fresh cluster below the temporary folder, private Unix socket, gone after `stop`.
 * `url` suits pg's Client.
 */
export async function startPrivatePostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trellis-test-'));
  // Where we are root, the server runs as another account, which must be able to enter.
  await chmod(dataDir, 0o711);
  const server = await startEmbedded({ dataDir, log: silentLog, profile: 'test' });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
