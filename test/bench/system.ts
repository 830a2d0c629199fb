import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fetchJson } from './load.js';

/** A child process that serves on a port. */
export interface Served {
  readonly port: number;
  readonly process: ChildProcess;
  /** Milliseconds from spawn to ready. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts the built server, as `npm start` does, on a free port and waits until it is ready. `plugins`: folders beside the plugin of the bench. */
export async function startOurs(input: {
  databaseUrl: string;
  dataDir: string;
  port: number;
  plugins?: readonly string[];
}): Promise<Served> {
  const startedAt = performance.now();
  const env = {
    ...process.env,
    DATABASE_URL: input.databaseUrl,
    TRELLIS_DATA_DIR: input.dataDir,
    TRELLIS_PLUGINS: [here('./plugin'), ...(input.plugins ?? [])].join(','),
    TRELLIS_SEED: 'none',
    TRELLIS_LOG_LEVEL: 'error',
    TRELLIS_RATE_LIMIT: '0',
    TRELLIS_ADMIN_EMAIL: administrator.email,
    TRELLIS_ADMIN_PASSWORD: administrator.password,
    PORT: String(input.port),
    NODE_ENV: 'production',
  };
  const child = spawn(process.execPath, ['--max-semi-space-size=32', here('../../core/bundle/main.js')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const ready = await fetch(`http://127.0.0.1:${input.port}/api/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return served(child, input.port, performance.now() - startedAt);
}

/** Starts the bare server. */
export async function startBare(databaseUrl: string, owner: string): Promise<Served> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [here('./bare-server.js'), databaseUrl, owner], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    child.once('exit', (code) => reject(new Error(`the bare server ended with ${code}`)));
  });
  return served(child, port, performance.now() - startedAt);
}

function served(child: ChildProcess, port: number, readyMs: number): Served {
  return {
    port,
    process: child,
    readyMs,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** Makes a member with an API key, and one of the administrator for the import; on a kept database it signs in again. */
export async function memberKey(port: number): Promise<{ key: string; adminKey: string; userId: string }> {
  const admin = await signIn(port, administrator.email, administrator.password);
  const { key, userId } = await keyOf(port, { name: 'Member', email: 'member@bench.test', roles: ['core.member'] });
  return { key, adminKey: await newKey(port, admin), userId };
}

/** An API key of a user, who is made unless there is one of that address. */
export async function keyOf(
  port: number,
  user: { name: string; email: string; roles: readonly string[] },
): Promise<{ key: string; userId: string }> {
  const password = 'another long password';
  const admin = await signIn(port, administrator.email, administrator.password);
  const { data: found } = await fetchJson<{ data: { id: string }[] }>(port, {
    method: 'GET',
    path: `/api/records/core.user?fields=id&filter=${encodeURIComponent(`email == '${user.email}'`)}`,
    headers: { cookie: admin },
  });
  let userId = found.at(0)?.id;
  userId ??= (
    await fetchJson<{ data: { id: string } }>(port, {
      method: 'POST',
      path: '/api/users',
      headers: { cookie: admin },
      body: JSON.stringify({ ...user, password }),
    })
  ).data.id;
  return { key: await newKey(port, await signIn(port, user.email, password)), userId };
}

const administrator = { email: 'admin@bench.test', password: 'a long bench password' };

async function newKey(port: number, session: string): Promise<string> {
  const { data } = await fetchJson<{ data: { key: string } }>(port, {
    method: 'POST',
    path: '/api/api-keys',
    headers: { cookie: session },
    body: JSON.stringify({ name: 'bench' }),
  });
  return data.key;
}

async function signIn(port: number, email: string, password: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
  return (answer.headers.get('set-cookie') ?? '').split(';')[0];
}

/** Resident memory of a process in megabytes. */
export async function memoryMb(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
