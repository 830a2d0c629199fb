import { NestFactory } from '@nestjs/core';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { uuidv7 } from '../base/ids.js';
import type { Config } from '../base/config.js';
import type { Log } from '../base/log.js';
import { CONTEXTS } from '../base/tokens.js';
import { CATALOG } from '../catalog/index.js';
import { maxFileBytes } from '../files/index.js';
import { IDENTITY } from '../identity/index.js';
import { DATABASE, type Database } from '../storage/index.js';
import { findAdminUi, openAdminUi } from './admin-ui.js';
import { answerClientError } from './client-error.js';
import { observeDatabase } from './metrics.js';
import { registerBodyParsers } from './body-parser.js';
import { registerEdge, isTls } from './edge.js';
import { observeRequests } from './observe.js';
import { ProblemFilter, sendProblem, toTrellisError } from './problem-filter.js';
import type { RouteTable } from './route-table.js';
import { securityHeaders } from './security-headers.js';
import { maxSpoolBytes } from './spool.js';
import { ROUTES } from './tokens.js';

/** Milliseconds that running requests get at shutdown. */
const shutdownMs = 8_000;

/**
 * Builds the application on Fastify: edge, body parsers, problem documents. Call `listen` on what it returns; `close`
 * stops accepting, lets running requests finish, and ends event streams.
 */
export async function createHttpApp(
  module: DynamicModule,
  input: { config: Config; log: Log },
): Promise<NestFastifyApplication> {
  const { config, log } = input;
  const adapter = new FastifyAdapter(serverOptions(config));
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: nestLogger(log),
    abortOnError: false,
  });
  const routes = app.get<RouteTable>(ROUTES);
  fastify.addHook('onRoute', (route) => {
    const { spec } = (route.config ?? {}) as { spec?: Parameters<RouteTable['add']>[0]['spec'] };
    for (const method of [route.method].flat()) if (spec) routes.add({ method, path: route.url, spec });
  });
  registerBodyParsers(fastify);
  await app.register(
    multipart as never,
    {
      throwFileSizeLimit: false,
      limits: {
        fieldNameSize: 100,
        fieldSize: 262_144,
        fields: 10,
        files: 1,
        parts: 12,
        fileSize: Math.max(maxSpoolBytes, maxFileBytes),
        headerPairs: 50,
      },
    } as never,
  );
  registerEdge(fastify, {
    config,
    identity: app.get(IDENTITY),
    contexts: app.get(CONTEXTS),
    catalog: app.get(CATALOG),
  });
  observeRequests(fastify, log);
  observeDatabase(app.get<Database>(DATABASE));
  limitShutdown(fastify);
  const folder = findAdminUi();
  app.useGlobalFilters(
    new ProblemFilter({
      log,
      methodsOf: (path) => routes.methodsOf(path),
      adminUi: folder === null ? null : openAdminUi(folder),
    }),
  );
  return app;
}

function serverOptions(config: Config): ConstructorParameters<typeof FastifyAdapter>[0] {
  const headers = securityHeaders(isTls(config));
  return {
    logger: false,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    genReqId: requestIdOf,
    requestIdHeader: false,
    bodyLimit: maxSpoolBytes,
    // Silence on a socket; event streams speak every 25 s.
    connectionTimeout: 120_000,
    keepAliveTimeout: 65_000,
    // A gigabyte over a slow line takes its time; ordinary bodies have a shorter limit of their own.
    requestTimeout: 1_800_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 16_384 },
    routerOptions: { maxParamLength: 200, querystringParser: (text: string) => ({ text }) },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(headers);
      sendProblem(
        reply,
        toTrellisError(error, request, () => []),
        request.id,
      );
    },
    skipMiddie: true,
  } as ConstructorParameters<typeof FastifyAdapter>[0];
}

/** Requests that run get time to end; who still holds a connection then is cut off. */
function limitShutdown(fastify: FastifyInstance): void {
  fastify.addHook('preClose', (done) => {
    setTimeout(() => fastify.server.closeAllConnections(), shutdownMs).unref();
    done();
  });
}

/** The client's own id where it is sane, else a new one. */
function requestIdOf(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : uuidv7();
}

function nestLogger(log: Log): LoggerService {
  const child = log.child({ room: 'nest' });
  return {
    log: (message: unknown) => child.debug({}, String(message)),
    error: (message: unknown, ...rest: unknown[]) =>
      child.error({ detail: rest.map(String).join(' ').slice(0, 4000) }, String(message)),
    warn: (message: unknown) => child.warn({}, String(message)),
    debug: () => undefined,
    verbose: () => undefined,
  };
}
