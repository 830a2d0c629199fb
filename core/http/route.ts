import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticated } from '../identity/index.js';
import type { Ctx } from '../sdk/index.js';
import type { Query } from './query-string.js';

/** What a route says of itself: the edge enforces it and OpenAPI is made from it. */
export interface RouteSpec {
  /** One line for the API description. */
  readonly summary: string;
  /** Who may call: everybody, whoever is signed in (the default), administrators only, keys of service accounts with the scope `scim`. */
  readonly access?: 'public' | 'user' | 'administrator' | 'scim';
  /** Query parameters that it takes; any other is refused by name. */
  readonly query?: readonly string[];
  /** How the body is taken: parsed JSON (the default), left as a stream for spooling, or multipart. */
  readonly body?: 'json' | 'stream' | 'multipart';
  /** True: a JSON body may have 32 MB and a million keys (definitions of a whole workspace); absent: 1 MB. */
  readonly isLarge?: boolean;
  /** JSON Schema of the body, for the API description. */
  readonly bodySchema?: Record<string, unknown>;
  /** True: its statements verify the credential themselves, so what is cached of it will do. */
  readonly isGuarded?: boolean;
  /** True: may be called by a user who must choose a new password first. */
  readonly isOpenBeforePasswordChange?: boolean;
  /** True: may be called by a user who must set up a second factor first. */
  readonly isOpenBeforeSecondFactor?: boolean;
  /** True: about the user, not about records. An API key needs the scope `read`, or `write` for a change; one of entities has none. */
  readonly isPersonal?: boolean;
  /** True: the user's own business, which nobody who acts as the user may do. */
  readonly isOwnBusiness?: boolean;
  /** True: takes an Idempotency-Key. */
  readonly isIdempotent?: boolean;
  /** Left out of the API description. */
  readonly isHidden?: boolean;
}

/** Declares the spec of a handler. */
export function Route(spec: RouteSpec): MethodDecorator {
  return applyDecorators(RouteConfig({ spec }));
}

/** What the edge puts on a request. */
export interface EdgeState {
  /** Present on every route that is not public. */
  ctx: Ctx | null;
  authenticated: Authenticated | null;
  query: Query;
  /** SHA-256 of the JSON body as sent; only where an Idempotency-Key came along. */
  bodyHash: Buffer | null;
  startedAt: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    edge: EdgeState;
  }
  interface FastifyContextConfig {
    spec?: RouteSpec;
  }
}

/** The context of a signed-in request. */
export function ctxOf(request: FastifyRequest): Ctx {
  return request.edge.ctx as Ctx;
}

/** Characters from which a text is encoded here, once: the framework would go through it for its length first. */
const longText = 4_096;

/** Sends a text that is JSON already; nothing between here and the socket parses it. */
export function sendJson(reply: FastifyReply, body: string, status = 200): void {
  reply.code(status).header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store');
  void reply.send(body.length > longText ? Buffer.from(body) : body);
}

/** Sends `{"data": …}`. */
export function sendData(reply: FastifyReply, data: unknown, status = 200): void {
  sendJson(reply, JSON.stringify({ data }), status);
}
