import type { Readable, Writable } from 'node:stream';
import type { Statement, Tx } from '../sdk/index.js';

/** How a transaction is opened. */
export interface TransactionOptions {
  /** Statements sent in the same batch as `begin` (no parameters), e.g. a shared advisory lock and the epoch; their last result set is passed to `fn`. */
  readonly opening?: string;
  /** Milliseconds after which a waiting lock gives up; absent: the server's default. */
  readonly lockTimeoutMs?: number;
  /** Repeats after a deadlock or serialisation failure; absent: 3. */
  readonly retries?: number;
}

/** Connections of the pool. */
export interface PoolState {
  /** Open ones, and how many may be. */
  readonly size: number;
  readonly limit: number;
  readonly idle: number;
  /** Statements and transactions that wait for one. */
  readonly waiting: number;
}

/**
 * The one way to the database. Pools connections, prepares a statement's text on its third use on a connection
 * (at most 200 a connection, least recently used deallocated), prepares again after a changed result type.
 */
export interface Database {
  /** One statement in its own implicit transaction. Rows as objects; int8 and numeric as text, json parsed. */
  query<Row = Record<string, unknown>>(statement: Statement): Promise<Row[]>;
  /** Runs `fn` in a transaction; rolls back on any throw. `opened` holds the rows of the opening batch. */
  transaction<T>(
    fn: (tx: Tx, opened: Record<string, unknown>[]) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /**
   * Two statements in one implicit transaction and one round trip; rows of the second. It sees what was committed until the first
   * was done (a lock). Repeats as `transaction` does.
   */
  queryAfter<Row = Record<string, unknown>>(first: string, statement: Statement): Promise<Row[]>;
  /**
   * Runs `fn` on a connection of its own, outside of the pool and of any transaction, for what a connection keeps (a lock, a setting) and
   * for statements that refuse a transaction; closes it afterwards.
   */
  session<T>(fn: (session: Tx) => Promise<T>): Promise<T>;
  /** Streams rows in over `COPY … FROM STDIN`. */
  copyIn(sql: string, source: Readable): Promise<void>;
  /** Streams rows out over `COPY … TO STDOUT`, on one repeatable-read snapshot where `snapshot` is given. */
  copyOut(sql: string, target: Writable): Promise<void>;
  /** Calls back on NOTIFY; reconnects by itself. Returns how to stop. */
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>;
  /** True if the server answers within a second. */
  ping(): Promise<boolean>;
  /** Statements sent since start; tests count with it. */
  readonly statementCount: number;
  /** Connections at this moment. */
  readonly pool: PoolState;
  /** Calls back after every statement, for metrics; `isSlow`: it took as long as TRELLIS_SLOW_QUERY_MS says. */
  onStatement(listener: (durationMs: number, isSlow: boolean) => void): void;
  close(): Promise<void>;
}
