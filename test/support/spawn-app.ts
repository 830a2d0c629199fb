import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clients, prepareDatabase, testEnv, type AppOptions, type TestApp } from './app.js';
import type { ClonedDatabase } from './template.js';

/** A server in a process of its own, which can be killed and started again on the same database and data directory. */
export interface SpawnedApp extends Pick<TestApp, 'admin' | 'anonymous' | 'member'> {
  readonly db: ClonedDatabase;
  readonly url: string;
  /** Process id of the server that runs now. */
  pid(): number;
  /** Settings of the process, as environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** SIGKILL, as a crash would; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts again after `kill`; the clients go on with the new process. */
  restart(): Promise<void>;
  /** Ends the process and drops the database. */
  stop(): Promise<void>;
}

/** Starts the built application as a child process. */
export async function spawnApp(options: AppOptions = {}): Promise<SpawnedApp> {
  const db = await prepareDatabase(options);
  const dataDir = await mkdtemp(join(tmpdir(), 'trellis-spawn-'));
  let port = 0;
  const launch = async () => {
    const server = await spawnServer({ ...testEnv(options, db.url, dataDir), PORT: String(port) });
    port = Number(new URL(server.url).port);
    return server;
  };
  let server = await launch();
  const url = server.url;
  return {
    ...(await clients(url)),
    db,
    url,
    pid: () => server.pid,
    env: testEnv(options, db.url, dataDir),
    kill: () => server.end('SIGKILL'),
    restart: async () => void (server = await launch()),
    stop: async () => {
      await server.end('SIGTERM');
      await db.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A server of the built code. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to its output; the last million characters. */
  said(): string;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts one more server, on whatever database `env` names. */
export async function spawnServer(env: Record<string, string>): Promise<ServerProcess> {
  const entry = join(process.cwd(), 'dist', 'core', 'bundle', 'main.js');
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`The server did not start within 240 s:\n${said.slice(-8000)}`)),
      240_000,
    );
    const listen = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-1_000_000);
      const ready = /ready at (http:\/\/\S+)/.exec(said);
      if (!ready) return;
      clearTimeout(late);
      resolve(ready[1].replace('localhost', '127.0.0.1'));
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void ended.then(() => {
      clearTimeout(late);
      reject(new Error(`The server ended before it was ready:\n${said.slice(-8000)}`));
    });
  });
  return {
    url,
    pid: child.pid ?? 0,
    said: () => said,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}
