import { createHash } from 'node:crypto';
import { chown, chmod, lstat, mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { broken } from '../../base/errors.js';
import type { ServerUser } from './binaries.js';

/** Where the cluster lives, and as whom its server runs. */
export interface ServerPlace {
  readonly clusterDir: string;
  /** How the server itself names the cluster: its path, or, below folders it may not enter, its working directory. */
  readonly clusterName: string;
  readonly socketDir: string;
  readonly logFile: string;
  /** Null: the account of this process. */
  readonly user: ServerUser | null;
}

/** sockaddr_un holds 108 bytes; the socket's own name and the closing zero take 18 of them. */
const longestSocketDir = 90;

/** Makes the folders with their owners and modes. PostgreSQL refuses to run as root, so root gives the cluster to another account. */
export async function placeServer(dataDir: string): Promise<ServerPlace> {
  const clusterDir = join(dataDir, 'postgres');
  const user = await serverUser(clusterDir);
  const reachable = user === null || (await mayEnter(dataDir, user));
  await privateFolder(clusterDir, user);
  const shortName = createHash('sha256')
    .update(`${user?.uid ?? process.getuid?.()}:${clusterDir}`)
    .digest('hex')
    .slice(0, 16);
  const near = join(dataDir, 'run');
  const socketDir =
    reachable && Buffer.byteLength(near) <= longestSocketDir ? near : join(tmpdir(), `trellis-${shortName}`);
  if (process.platform !== 'win32') await privateFolder(socketDir, user);
  return {
    clusterDir,
    clusterName: reachable ? clusterDir : '/proc/self/cwd',
    socketDir,
    logFile: join(dataDir, 'postgres.log'),
    user,
  };
}

async function serverUser(clusterDir: string): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  const existing = await stat(clusterDir).catch(() => null);
  if (existing !== null && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  // `nobody`: initdb wants an account that the system knows.
  return process.platform === 'darwin' ? { uid: 4294967294, gid: 4294967294 } : { uid: 65534, gid: 65534 };
}

/** Whether the account may pass every folder on the way to `path`, by the mode bits. */
async function mayEnter(path: string, user: ServerUser): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { uid, gid, mode } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

/** A folder that only the server's account (and root) may enter. One that belongs to somebody else is refused, not used. */
export async function privateFolder(folder: string, user: ServerUser | null): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  const expected = [process.getuid?.(), user?.uid];
  if (!found.isDirectory() || (process.getuid !== undefined && !expected.includes(found.uid))) {
    throw broken('storage.folder_not_ours', `${folder} belongs to another account.`, {
      hint: 'Remove it, or set TRELLIS_DATA_DIR to another folder.',
    });
  }
  if (user !== null && found.uid !== user.uid) await chown(folder, user.uid, user.gid);
  if (process.platform !== 'win32') await chmod(folder, 0o700);
}
