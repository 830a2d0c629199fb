import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../storage/index.js';
import { readBearer } from './cookies.js';

/** Figures of this process. */
export const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: 'trellis_' });

/** Seconds from the request's head to the end of its answer, by route pattern. */
export const requestSeconds = new Histogram({
  name: 'trellis_http_request_seconds',
  help: 'Duration of HTTP requests',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  registers: [registry],
});

/** Open event streams. */
export const openStreams = new Gauge({
  name: 'trellis_event_streams',
  help: 'Open event streams',
  registers: [registry],
});

/** Events sent over streams. */
export const sentEvents = new Counter({
  name: 'trellis_events_sent_total',
  help: 'Events sent to event streams',
  registers: [registry],
});

/**
 * Figures of the database: statements and how long they took (the connection not counted), how many were slow, connections.
 * The last database observed is the one told of: a process has one, tests several, one after the other.
 */
export function observeDatabase(database: Pick<Database, 'pool' | 'onStatement'>): void {
  for (const name of databaseFigures) registry.removeSingleMetric(name);
  const registers = [registry];
  const seconds = new Histogram({
    name: 'trellis_database_statement_seconds',
    help: 'Duration of database statements',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const slow = new Counter({
    name: 'trellis_database_slow_statements_total',
    help: 'Statements that took as long as TRELLIS_SLOW_QUERY_MS',
    registers,
  });
  new Gauge({
    name: 'trellis_database_connections',
    help: 'Database connections by state; waiting: those who wait for one; limit: as many as there may be',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const { size, idle, waiting, limit } = database.pool;
      for (const [state, value] of Object.entries({ busy: size - idle, idle, waiting, limit }))
        this.set({ state }, value);
    },
  });
  database.onStatement((durationMs, isSlow) => {
    seconds.observe(durationMs / 1000);
    if (isSlow) slow.inc();
  });
}

const databaseFigures = [
  'trellis_database_statement_seconds',
  'trellis_database_slow_statements_total',
  'trellis_database_connections',
];

/** True for whom `/metrics` is: a caller on this machine that no proxy speaks for, or one that holds the token. */
export function mayReadMetrics(request: FastifyRequest, token: string | null): boolean {
  const given = readBearer(request.headers.authorization);
  if (token !== null && given !== null) return equals(given, token);
  const isForwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  return !isForwarded && isLoopback(request.raw.socket.remoteAddress ?? '');
}

function isLoopback(address: string): boolean {
  const bare = address.replace(/^::ffff:/i, '');
  return bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

function equals(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
