import type { FastifyInstance } from 'fastify';
import type { Log } from '../base/log.js';
import { requestSeconds } from './metrics.js';

/** Milliseconds past which a request is logged as slow. */
const slowRequestMs = 1_000;

/** Counts every request and logs it: slow ones as a warning, the rest for debugging. Never a body, a query or a header. */
export function observeRequests(fastify: FastifyInstance, log: Log): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const durationMs = performance.now() - (request.edge?.startedAt ?? performance.now());
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    requestSeconds.observe({ method: request.method, route, status: String(reply.statusCode) }, durationMs / 1000);
    const isStream = route === '/api/events';
    if (durationMs >= slowRequestMs && !isStream) {
      log.warn(
        {
          requestId: request.id,
          method: request.method,
          route,
          status: reply.statusCode,
          durationMs: Math.round(durationMs),
        },
        'slow request',
      );
    } else {
      log.debug(
        {
          requestId: request.id,
          method: request.method,
          route,
          status: reply.statusCode,
          durationMs: Math.round(durationMs),
        },
        'request',
      );
    }
    done();
  });
}
