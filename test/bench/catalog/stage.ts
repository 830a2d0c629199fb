import { join } from 'node:path';
import { silentLog } from '../../../core/base/log.js';
import { createDatabase, type Database } from '../../../core/storage/index.js';
import { fetchJson } from '../load.js';
import type { Row } from '../operations.js';
import { memberKey, startOurs, type Served } from '../system.js';

/** What every measurement of the catalog is given. */
export interface CatalogBench {
  /** Administration URL of the PostgreSQL server; each measurement makes databases of its own in it. */
  readonly serverUrl: string;
  readonly dir: string;
  /** Persons in the large table. */
  readonly rows: number;
  readonly durationMs: number;
  readonly rounds: number;
  readonly only: string;
  report(row: Row): void;
}

/** A server on a database of its own. */
export interface Stage {
  /** It stood already. */
  readonly isKept: boolean;
  readonly server: Served;
  readonly db: Database;
  readonly adminKey: string;
  readonly memberId: string;
  readonly memberKey: string;
  get<T>(path: string): Promise<T>;
  send<T>(method: string, path: string, body: unknown): Promise<T>;
  /** Stops and starts again; returns the milliseconds from spawn to ready. */
  restart(): Promise<number>;
  stop(): Promise<void>;
}

// Below what systems give to outgoing connections.
let port = 28_300;

/** Starts a server with these plugins on a new database `name`, or on the one that stands with the comment `kept`. */
export async function openStage(
  bench: Pick<CatalogBench, 'serverUrl' | 'dir'>,
  name: string,
  input: { plugins?: readonly string[]; kept?: string } = {},
): Promise<Stage> {
  const admin = await createDatabase({ url: bench.serverUrl, poolSize: 1, slowQueryMs: 1e9, log: silentLog });
  const [stands] = await admin.query<{ comment: string | null }>({
    text: `select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1`,
    values: [name],
  });
  const isKept = input.kept !== undefined && stands?.comment === input.kept;
  if (!isKept) {
    await admin.query({ text: `drop database if exists ${name}`, values: [] });
    await admin.query({ text: `create database ${name}`, values: [] });
  }
  await admin.close();
  const url = new URL(bench.serverUrl);
  url.pathname = `/${name}`;
  const start = (): Promise<Served> =>
    startOurs({ databaseUrl: url.href, dataDir: join(bench.dir, name), port: port++, plugins: input.plugins });
  let server = await start();
  const db = await createDatabase({ url: url.href, poolSize: 2, slowQueryMs: 1e9, log: silentLog });
  const { key, adminKey, userId } = await memberKey(server.port);
  const headers = { authorization: `Bearer ${adminKey}` };
  const { data: plugins } = await fetchJson<{ data: { id: string; problems: object[] }[] }>(server.port, {
    method: 'GET',
    path: '/api/plugins',
    headers,
  });
  const broken = plugins.flatMap(({ problems }) => problems);
  if (broken.length > 0) throw new Error(`${name}: ${JSON.stringify(broken.slice(0, 3))}`);
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    fetchJson<T>(server.port, {
      method,
      path,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    isKept,
    get server() {
      return server;
    },
    db,
    adminKey,
    memberId: userId,
    memberKey: key,
    get: (path) => call('GET', path),
    send: call,
    async restart() {
      await server.stop();
      server = await start();
      return server.readyMs;
    },
    async stop() {
      await server.stop();
      await db.close();
    },
  };
}

/** Milliseconds that `work` takes, and what it gave. */
export async function timedMs<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const startedAt = performance.now();
  const value = await work();
  return { ms: performance.now() - startedAt, value };
}

/** The middle of several measurements. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** A figure in milliseconds against its bar; the ratio is of the bar: 1 or less holds. */
export function barRow(name: string, ms: number, barMs: number): Row {
  return { name, ours: ms, bare: barMs, ratio: ms / barMs, unit: 'ms (bare: the bar)', target: `< ${barMs} ms` };
}
