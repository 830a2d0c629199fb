import { execFile, spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rename, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises';
import { readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { broken } from '../../base/errors.js';
import { isAlive } from '../../base/process-identity.js';
import { initArguments, type EmbeddedProfile } from './options.js';
import { privateFolder, type ServerPlace } from './place.js';

const run = promisify(execFile);
const largestLogBytes = 10 * 2 ** 20;

/** Makes the cluster beside its place and moves it there when it is whole, so that a kill in the middle leaves no half of one. */
export async function initialise(
  native: string,
  place: ServerPlace,
  profile: EmbeddedProfile,
  password: string | null,
): Promise<void> {
  const staging = `${place.clusterDir}.new`;
  await rm(staging, { recursive: true, force: true });
  const secretDir = password === null ? null : await mkdtemp(join(tmpdir(), 'trellis-'));
  const auth = secretDir === null ? ['--auth=trust'] : ['--auth=scram-sha-256', `--pwfile=${join(secretDir, 'pw')}`];
  const initdb = async (ctype: string): Promise<void> => {
    await privateFolder(staging, place.user);
    const name = place.clusterName === place.clusterDir ? staging : place.clusterName;
    await run(join(native, 'bin', 'initdb'), ['-D', name, ...auth, ...initArguments(profile, ctype)], {
      cwd: staging,
      env: environment(),
      ...place.user,
    });
  };
  try {
    if (secretDir !== null) await writeFile(join(secretDir, 'pw'), password ?? '', { mode: 0o600 });
    // Not every system has the locale C.UTF-8 (macOS before 15); initdb clears up after itself.
    await initdb('C.UTF-8').catch((error: { stderr?: string }) =>
      /invalid locale/.test(error.stderr ?? '') ? initdb('C') : Promise.reject(error),
    );
    await rmdir(place.clusterDir);
    await rename(staging, place.clusterDir);
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim() || String(cause);
    throw broken('storage.embedded_failed', `The embedded PostgreSQL could not make its cluster: ${said}`, { cause });
  } finally {
    if (secretDir !== null) await rm(secretDir, { recursive: true, force: true });
  }
}

/** Process id of a server that already runs on the cluster and is ready, or null. One that is just coming up or going down is waited for. */
export async function runningServer(place: ServerPlace): Promise<number | null> {
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 50) {
    const found = await postmaster(place);
    if (found === null || !isAlive(found.pid) || !worksOn(found.pid, place.clusterDir)) return null;
    if (found.ready) return found.pid;
    await sleep(50);
  }
  throw broken('storage.embedded_failed', `A PostgreSQL process on ${place.clusterDir} neither starts nor stops.`);
}

/** Starts the server in a session of its own (a Ctrl-C in the terminal must not reach it before us); resolves when it accepts connections. */
export async function launch(
  native: string,
  place: ServerPlace,
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const size = (await stat(place.logFile).catch(() => null))?.size ?? 0;
  if (size > largestLogBytes) await truncate(place.logFile);
  const log = await open(place.logFile, 'a', 0o600);
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(native, 'bin', 'postgres'), ['-D', place.clusterName, ...args], {
    cwd: place.clusterDir,
    env: environment(),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    windowsHide: true,
    ...place.user,
  });
  let failure: string | null = null;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure = `it ended with ${signal ?? code}`));
  child.unref();
  try {
    // Recovery after a crash may take long; the server says so in its log, and a dead one is noticed at once.
    for (;;) {
      const found = await postmaster(place);
      if (found !== null && found.pid === child.pid && found.ready) return found.pid;
      if (failure !== null)
        throw broken(
          'storage.embedded_failed',
          `The embedded PostgreSQL did not start: ${failure}. ${await logTail(place)}`,
        );
      await sleep(10);
    }
  } finally {
    await log.close();
  }
}

/** Removes the socket's folder where it had to be made in the temporary folder; the server has emptied it. */
export async function clearSocketDir(place: ServerPlace): Promise<void> {
  if (place.socketDir.startsWith(tmpdir())) await rmdir(place.socketDir).catch(() => undefined);
}

/** Fast shutdown; resolves when the process is gone. After 30 s the server is told to quit at once (it recovers on the next start). */
export async function terminate(native: string, place: ServerPlace, pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await run(join(native, 'bin', 'pg_ctl'), ['stop', '-D', place.clusterDir, '-m', 'fast', '-w'], {
      env: environment(),
    });
    return;
  }
  for (const [signal, patienceMs] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < patienceMs && isAlive(pid); waitedMs += 10) await sleep(10);
  }
}

/** The last lines of the server's log, for an error message. */
export async function logTail(place: ServerPlace): Promise<string> {
  const text = await readFile(place.logFile, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-5).join('\n');
}

/** Reads `postmaster.pid` (PostgreSQL's pidfile.h): line 1 process id, line 8 status. */
async function postmaster(place: ServerPlace): Promise<{ pid: number; ready: boolean } | null> {
  const text = await readFile(join(place.clusterDir, 'postmaster.pid'), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : null;
}

/** A stale pid file may name a process that has nothing to do with us; a postmaster's working directory is its cluster. */
function worksOn(pid: number, clusterDir: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === clusterDir;
  } catch {
    return false;
  }
}

/** Nothing of ours leaks into the server: PG* variables and locales would change its behaviour. */
function environment(): NodeJS.ProcessEnv {
  return process.platform === 'win32'
    ? { SystemRoot: process.env.SystemRoot, PATH: process.env.PATH }
    : { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' };
}
