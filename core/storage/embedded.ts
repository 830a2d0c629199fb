import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Log } from '../base/log.js';
import { broken } from '../base/errors.js';
import { serverBinaries } from './embedded/binaries.js';
import { lockDataDir } from './embedded/lock.js';
import { serverSettings, type EmbeddedProfile } from './embedded/options.js';
import { placeServer, type ServerPlace } from './embedded/place.js';
import { clearSocketDir, initialise, launch, logTail, runningServer, terminate } from './embedded/server.js';

export interface EmbeddedOptions {
  /** Absolute path of Trellis's data directory; the cluster lives in `postgres/` below it. */
  dataDir: string;
  log: Log;
  /** TCP port on loopback, Windows only; absent: 54329. Elsewhere the server listens on a private Unix socket only. */
  port?: number;
  /** Absent: `standard`. */
  profile?: EmbeddedProfile;
}

export interface EmbeddedServer {
  /** Connection string of the database `trellis`, for `pg`. */
  url: string;
  /** Folder of the server's programs. */
  binDir: string;
  /** Fast shutdown: open transactions are rolled back, a checkpoint is written. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that comes by npm on `dataDir`, making the cluster on first use. A server that outlived
 * its parent is taken over. Throws storage.data_dir_in_use where another Trellis runs on the folder,
 * storage.no_embedded_server on a platform without a binary, storage.embedded_failed with the server's last words.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { dataDir, log, profile = 'standard' } = options;
  await mkdir(dataDir, { recursive: true });
  const unlock = lockDataDir(join(dataDir, 'trellis.lock'));
  let undo = async (): Promise<void> => {};
  try {
    const place = await placeServer(dataDir);
    const native = await serverBinaries(dataDir, place.user);
    const fresh = !existsSync(join(place.clusterDir, 'PG_VERSION'));
    const password = process.platform === 'win32' ? await windowsPassword(dataDir) : null;
    if (fresh) {
      const began = Date.now();
      await initialise(native, place, profile, password);
      log.info({ ms: Date.now() - began }, 'embedded PostgreSQL: cluster made');
    }
    let pid = await runningServer(place);
    if (pid === null)
      pid = await launch(native, place, { ...serverSettings(profile), ...listening(place, options.port) });
    else log.info({ pid }, 'embedded PostgreSQL: took over a server that was still running');
    const running = pid;
    undo = () => terminate(native, place, running);
    const url = connectionString(place, password, options.port);
    await ensureDatabase(url, place);
    let stopping: Promise<void> | null = null;
    return {
      url,
      binDir: join(native, 'bin'),
      stop: () => (stopping ??= terminate(native, place, running).finally(() => clearSocketDir(place).finally(unlock))),
    };
  } catch (error) {
    await undo().finally(unlock);
    throw error;
  }
}

/** Connection string of the server that another Trellis runs on `dataDir`, for tools beside it; null where none runs. */
export async function findEmbedded(dataDir: string): Promise<string | null> {
  if (!existsSync(join(dataDir, 'postgres', 'PG_VERSION'))) return null;
  const place = await placeServer(dataDir);
  if ((await runningServer(place)) === null) return null;
  return connectionString(place, process.platform === 'win32' ? await windowsPassword(dataDir) : null, undefined);
}

const windowsPort = 54329;

function listening(place: ServerPlace, port: number | undefined): Record<string, string> {
  if (process.platform === 'win32')
    return { listen_addresses: '127.0.0.1', port: String(port ?? windowsPort), unix_socket_directories: '' };
  return {
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: place.socketDir,
    unix_socket_permissions: '0700',
  };
}

function connectionString(place: ServerPlace, password: string | null, port: number | undefined): string {
  if (password !== null) return `postgresql://trellis:${password}@127.0.0.1:${port ?? windowsPort}/trellis`;
  return `postgresql://trellis@localhost:5432/trellis?host=${encodeURIComponent(place.socketDir)}`;
}

/** The database `trellis` is made beside `postgres`, so that it can be dropped and restored as a whole. */
async function ensureDatabase(url: string, place: ServerPlace): Promise<void> {
  if (await connects(url)) return;
  const client = new pg.Client({ connectionString: url.replace(/\/trellis(?=\?|$)/, '/postgres') });
  try {
    await client.connect();
    await client.query('create database trellis');
  } catch (cause) {
    throw broken('storage.embedded_failed', `The embedded PostgreSQL does not answer. ${await logTail(place)}`, {
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** False where the database does not exist yet (3D000). */
async function connects(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '3D000') return false;
    throw broken('storage.embedded_failed', 'The embedded PostgreSQL refuses the connection.', { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Windows has no private sockets: loopback with a password that is kept in the data directory. */
async function windowsPassword(dataDir: string): Promise<string> {
  const file = join(dataDir, 'postgres.password');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return kept;
  const made = randomBytes(24).toString('hex');
  await rm(file, { force: true });
  await writeFile(file, made, { mode: 0o600 });
  return made;
}
