import { pipeline } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import pg, { type Pool, type PoolClient, type QueryResult } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
// Not the whole package: it is a good part of what a start reads.
import { DataSource } from 'typeorm/data-source/DataSource.js';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Log } from '../base/log.js';
import type { Statement, Tx } from '../sdk/index.js';
import { databaseError, isRetryable } from './database-errors.js';
import { startListener } from './listener.js';
import { keepPlans, resetForTransaction, runPlanned } from './plan-mode.js';
import { isStalePlan, runPrepared } from './prepared.js';
import { runSession } from './session.js';
import { runTogether } from './together.js';
import type { Database, PoolState, TransactionOptions } from './types.js';

export interface DatabaseOptions {
  readonly url: string;
  /** Connections in the pool. */
  readonly poolSize: number;
  /** Statements slower than this are logged with their text, never with their values. */
  readonly slowQueryMs: number;
  readonly log: Log;
}

/** Opens the pool. Throws database.unreachable where the server does not answer. */
export async function createDatabase(options: DatabaseOptions): Promise<Database> {
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    logging: false,
    entities: [],
    extra: { max: options.poolSize, types: { getTypeParser: typeParser }, idleTimeoutMillis: 60_000, keepAlive: true },
  });
  try {
    await source.initialize();
  } catch (error) {
    throw databaseError(error);
  }
  const pool = (source.driver as PostgresDriver).master as Pool;
  pool.on('error', (error) => options.log.warn({ err: error.message }, 'idle database connection lost'));
  return new PooledDatabase(source, pool, options);
}

class PooledDatabase implements Database {
  statementCount = 0;
  /**
   * Connections with a listener for their loss. The pool listens to idle ones only; one lost while it is lent out, between
   * two statements, would end the process. The next statement on it fails, and that is answered.
   */
  private readonly guarded = new WeakSet<PoolClient>();
  private readonly sessions = new Set<pg.Client>();
  private readonly listeners: ((durationMs: number, isSlow: boolean) => void)[] = [];

  constructor(
    private readonly source: DataSource,
    private readonly connections: Pool,
    private readonly options: DatabaseOptions,
  ) {}

  get pool(): PoolState {
    const { totalCount: size, idleCount: idle, waitingCount: waiting } = this.connections;
    return { size, idle, waiting, limit: this.options.poolSize };
  }

  onStatement(listener: (durationMs: number, isSlow: boolean) => void): void {
    this.listeners.push(listener);
  }

  async query<Row>(statement: Statement): Promise<Row[]> {
    for (let attempt = 0; ; attempt++) {
      const client = await this.connect();
      let failure: unknown;
      try {
        return (await this.measured(statement.text, () => runPlanned(client, statement))) as Row[];
      } catch (error) {
        failure = error;
        if (attempt < 2 && isStalePlan(error)) continue;
        throw databaseError(error);
      } finally {
        client.release(isFatal(failure));
      }
    }
  }

  transaction<T>(
    fn: (tx: Tx, opened: Record<string, unknown>[]) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return repeated(options.retries ?? 3, () => this.once(fn, options));
  }

  queryAfter<Row>(first: string, statement: Statement): Promise<Row[]> {
    return repeated(3, async () => {
      const client = await this.connect();
      let failure: unknown;
      try {
        await keepPlans(client);
        this.statementCount++;
        return (await this.measured(statement.text, () => runTogether(client, first, statement))) as Row[];
      } catch (error) {
        failure = error;
        throw databaseError(error);
      } finally {
        client.release(isFatal(failure));
      }
    });
  }

  async session<T>(fn: (session: Tx) => Promise<T>): Promise<T> {
    return runSession(this.options.url, this.sessions, (client) =>
      fn({
        query: (text, values = []) => this.measured(text, () => client.query(text, [...values])) as Promise<never[]>,
      }),
    );
  }

  private async once<T>(
    fn: (tx: Tx, opened: Record<string, unknown>[]) => Promise<T>,
    options: TransactionOptions,
  ): Promise<T> {
    const client = await this.connect();
    let failure: unknown;
    try {
      const lockTimeout =
        options.lockTimeoutMs === undefined ? '' : `set local lock_timeout = ${Math.round(options.lockTimeoutMs)};`;
      const opening = await this.batch(
        client,
        `begin;${resetForTransaction(client)}${lockTimeout}${options.opening ?? ''}`,
      );
      const tx: Tx = { query: (text, values = []) => this.timed(client, text, values) as Promise<never[]> };
      const result = await fn(tx, opening);
      this.statementCount++;
      await client.query('commit');
      return result;
    } catch (error) {
      failure = error;
      await client.query('rollback').catch(() => (failure = new Error('connection lost', { cause: error })));
      throw databaseError(error);
    } finally {
      client.release(isFatal(failure));
    }
  }

  private async batch(client: PoolClient, sql: string): Promise<Record<string, unknown>[]> {
    this.statementCount++;
    const results = (await client.query(sql)) as unknown as
      { rows: Record<string, unknown>[] } | { rows: Record<string, unknown>[] }[];
    return Array.isArray(results) ? results[results.length - 1].rows : results.rows;
  }

  private timed(client: PoolClient, text: string, values: readonly unknown[], replan = false): Promise<unknown[]> {
    return this.measured(text, () =>
      replan ? client.query(text, values as unknown[]) : runPrepared(client, text, values),
    );
  }

  private async measured(text: string, run: () => Promise<QueryResult>): Promise<unknown[]> {
    this.statementCount++;
    const startedAt = performance.now();
    try {
      return (await run()).rows;
    } finally {
      const durationMs = performance.now() - startedAt;
      const isSlow = durationMs >= this.options.slowQueryMs;
      for (const listener of this.listeners) listener(durationMs, isSlow);
      if (isSlow)
        this.options.log.warn({ durationMs: Math.round(durationMs), sql: text.slice(0, 2_000) }, 'slow statement');
    }
  }

  private async connect(): Promise<PoolClient> {
    try {
      const client = await this.connections.connect();
      if (!this.guarded.has(client)) client.on('error', () => undefined);
      this.guarded.add(client);
      return client;
    } catch (error) {
      throw databaseError(error);
    }
  }

  async copyIn(sql: string, source: Readable): Promise<void> {
    const client = await this.connect();
    let failure: unknown;
    try {
      await pipeline(source, client.query(copyFrom(sql)));
    } catch (error) {
      failure = error;
      throw databaseError(error);
    } finally {
      client.release(failure !== undefined);
    }
  }

  async copyOut(sql: string, target: Writable): Promise<void> {
    const client = await this.connect();
    let failure: unknown;
    try {
      await pipeline(client.query(copyTo(sql)), target);
    } catch (error) {
      failure = error;
      throw databaseError(error);
    } finally {
      client.release(failure !== undefined);
    }
  }

  async listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>> {
    return startListener({ url: this.options.url, channel, onNotify });
  }

  async ping(): Promise<boolean> {
    const timeout = new Promise<boolean>((resolve) => setTimeout(resolve, 1_000, false).unref());
    const answer = this.connections.query('select 1').then(
      () => true,
      () => false,
    );
    return Promise.race([answer, timeout]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.sessions].map((client) => client.end().catch(() => undefined)));
    await this.source.destroy();
  }
}

/** Repeats what ended in a deadlock, a serialisation failure or a plan of yesterday; the server kept nothing of it. */
async function repeated<T>(retries: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= retries || !(isRetryable(error) || isStalePlan(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5 * 2 ** attempt * (1 + Math.random())));
    }
  }
}

/** Calendar dates stay text: a Date would move them by the process's zone. */
const dateOid = 1082;
function typeParser(oid: number, format?: string): unknown {
  if (oid === dateOid) return (text: string) => text;
  return (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format);
}

/** A connection that broke must not go back to the pool. */
function isFatal(failure: unknown): boolean {
  if (!(failure instanceof Error)) return false;
  const code = (failure as { code?: string }).code ?? (failure.cause as { code?: string } | undefined)?.code ?? '';
  return (
    /^(57P0[1-3]|08|ECONN|EPIPE|ENOENT)/.test(code) ||
    /connection (lost|terminated)|not queryable/i.test(failure.message)
  );
}
