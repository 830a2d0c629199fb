import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfig } from '../../core/base/config.js';
import { silentLog, type Log } from '../../core/base/log.js';
import { startTrellis, type Running } from '../../core/start.js';
import { Client, expectOk } from './client.js';
import { cloneDatabase, type ClonedDatabase } from './template.js';

export const ADMIN = { email: 'admin@example.com', password: 'a-long-enough-password' } as const;

export interface AppOptions {
  readonly seed?: 'demo' | 'none';
  /** Further settings, as environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folders of further plugins. */
  readonly plugins?: readonly string[];
  readonly log?: Log;
}

export interface TestApp {
  readonly url: string;
  /** The administrator, by API key. */
  readonly admin: Client;
  /** A new user with these roles (absent: the member role alone), by API key. `id` is the user's. */
  member(options?: { roles?: string[]; name?: string }): Promise<Client & { readonly id: string }>;
  /** Nobody. */
  readonly anonymous: Client;
  readonly db: ClonedDatabase;
  /** The running application itself. */
  readonly app: Running['app'];
  readonly dataDir: string;
  stop(): Promise<void>;
}

/** Starts the real application in this process, on a free port and a database of its own. */
export async function startApp(options: AppOptions = {}): Promise<TestApp> {
  const db = await prepareDatabase(options);
  const dataDir = await mkdtemp(join(tmpdir(), 'trellis-test-'));
  const running = await start(options, db.url, dataDir);
  const url = running.url.replace('localhost', '127.0.0.1').replace('[::1]', '127.0.0.1');
  return {
    url,
    ...(await clients(url)),
    db,
    app: running.app,
    dataDir,
    stop: async () => {
      await running.stop();
      await db.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A database with the kernel, the plugins and the administrator in it, as the first start leaves it. */
export async function prepareDatabase(options: AppOptions = {}): Promise<ClonedDatabase> {
  // The mail server of a test has another port each time, and leaves nothing in the database.
  const { TRELLIS_SMTP_URL: _port, ...env } = options.env ?? {};
  return cloneDatabase({ seed: options.seed ?? 'none', plugins: options.plugins ?? [], env }, async (url) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'trellis-template-'));
    await (await start(options, url, dataDir)).stop();
    await rm(dataDir, { recursive: true, force: true });
  });
}

/** One more node on the database of an application, with the same clients. */
export async function startNode(app: TestApp, options: AppOptions = {}): Promise<Pick<TestApp, 'url' | 'stop'>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trellis-test-'));
  const running = await start(options, app.db.url, dataDir);
  return {
    url: running.url.replace('localhost', '127.0.0.1').replace('[::1]', '127.0.0.1'),
    stop: async () => {
      await running.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Environment of a server of the tests. */
export function testEnv(options: AppOptions, databaseUrl: string, dataDir: string): Record<string, string> {
  return {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    TRELLIS_DATA_DIR: dataDir,
    TRELLIS_SEED: options.seed ?? 'none',
    TRELLIS_ADMIN_EMAIL: ADMIN.email,
    TRELLIS_ADMIN_PASSWORD: ADMIN.password,
    TRELLIS_POOL_SIZE: '6',
    TRELLIS_BACKUP_HOURS: '0',
    TRELLIS_LOG_LEVEL: 'warn',
    ...(options.plugins ? { TRELLIS_PLUGINS: options.plugins.map((path) => resolve(path)).join(',') } : {}),
    ...options.env,
  };
}

/** The administrator, nobody, and how to make members, of a server at `url`. */
export async function clients(url: string): Promise<Pick<TestApp, 'admin' | 'anonymous' | 'member'>> {
  const anonymous = new Client(url);
  const admin = await withKey(anonymous, ADMIN.email, ADMIN.password);
  let members = 0;
  return {
    anonymous,
    admin,
    async member(given = {}) {
      const n = ++members;
      const email = `member-${n}@example.com`;
      const made = await admin.post('/api/users', {
        name: given.name ?? `Member ${n}`,
        email,
        roles: given.roles ?? ['core.member'],
      });
      expectOk(made, 201);
      const { user, password, id } = made.body.data as unknown as {
        user?: { id: string };
        password: string;
        id?: string;
      };
      const client = await withKey(anonymous, email, password);
      return Object.assign(client, { id: id ?? (user as { id: string }).id });
    },
  };
}

/** Signs in, replaces a one-time password, and takes an API key. */
async function withKey(anonymous: Client, email: string, password: string): Promise<Client> {
  const next = `${password}-2`;
  let session = await signIn(anonymous, email, password);
  if (session.mustChange) {
    expectOk(await session.client.post('/api/session/password', { current: password, next }), 200, 204);
    session = await signIn(anonymous, email, next);
  }
  const made = await session.client.post('/api/api-keys', { name: 'tests' });
  expectOk(made, 201);
  return anonymous.with({ authorization: `Bearer ${String(made.body.data.key)}` });
}

/** A client that holds a session cookie. */
export async function signIn(
  anonymous: Client,
  email: string,
  password: string,
): Promise<{ client: Client; mustChange: boolean }> {
  const answer = await anonymous.post('/api/session', { email, password });
  expectOk(answer, 200, 201);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0];
  return { client: anonymous.with({ cookie }), mustChange: String(answer.body.data.mustChangePassword) === 'true' };
}

async function start(options: AppOptions, databaseUrl: string, dataDir: string): Promise<Running> {
  const config = readConfig(testEnv(options, databaseUrl, dataDir), (path) => resolve(path));
  return startTrellis({ config, log: options.log ?? silentLog, announce: () => undefined });
}
