import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { broken, denied, invalid, isTrellisError, limited, missing, type TrellisError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import type { AdminUi } from './admin-ui.js';
import { problemOf, retryAfterOf, statusOf } from './problem.js';
import { isScim, scimProblem, scimType } from './scim/problem.js';

export interface ProblemFilterOptions {
  readonly log: Log;
  /** Methods that the path of a request is served with. */
  readonly methodsOf: (path: string) => readonly string[];
  /** The built admin, asked before an address counts as unknown; null where it is not built. */
  readonly adminUi: AdminUi | null;
}

/** The only exception filter: every refusal and fault becomes one problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly options: ProblemFilterOptions) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { log, methodsOf, adminUi } = this.options;
    const error = toTrellisError(thrown, request, methodsOf);
    if (error.code === 'route.not_found' && request.is404 && adminUi?.serve(request, reply)) return;
    if (statusOf(error) >= 500)
      log.error(
        {
          requestId: request.id,
          method: request.method,
          route: request.routeOptions?.url,
          code: error.code,
          err: describe(error),
        },
        'request failed',
      );
    if (reply.sent || reply.raw.headersSent) {
      // Half an answer is out: cutting the connection is the only way left to say that it is not whole.
      reply.raw.destroy();
      return;
    }
    if (error.code === 'request.method') reply.header('allow', methodsOf(pathOf(request)).join(', '));
    sendProblem(reply, error, request.id);
  }
}

/** Sends the problem document of a refusal, with the headers that belong to its status. */
export function sendProblem(reply: FastifyReply, error: TrellisError, requestId: string): void {
  const problem = problemOf(error, requestId);
  for (const header of ['content-disposition', 'etag', 'content-length', 'content-encoding'])
    reply.removeHeader(header);
  const retryAfter = retryAfterOf(error);
  if (retryAfter !== null) reply.header('retry-after', String(retryAfter));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="trellis"');
  // What is left of a body that nobody will read.
  if (problem.status === 413 || problem.status === 408) reply.header('connection', 'close');
  if (isScim(reply.request.raw.url)) return sendScimProblem(reply, error, requestId);
  reply.header('cache-control', 'no-store').header('content-type', 'application/problem+json; charset=utf-8');
  void reply.code(problem.status).send(JSON.stringify(problem));
}

function sendScimProblem(reply: FastifyReply, error: TrellisError, requestId: string): void {
  const { status, body } = scimProblem(error, requestId);
  reply.header('cache-control', 'no-store').header('content-type', scimType);
  void reply.code(status).send(body);
}

/** Any thrown thing as one of our six kinds. */
export function toTrellisError(
  thrown: unknown,
  request: FastifyRequest,
  methodsOf: (path: string) => readonly string[],
): TrellisError {
  if (isTrellisError(thrown)) return thrown;
  const code = (thrown as { code?: unknown } | null)?.code;
  const make = typeof code === 'string' ? fastifyErrors[code] : undefined;
  if (make) return make(thrown);
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : (thrown as { statusCode?: unknown } | null)?.statusCode;
  if (status === 404) return unknownRoute(request, methodsOf(pathOf(request)));
  if (status === 415) return mediaType(thrown);
  if (status === 413) return limited('request.too_large', 'The request is too large.', { cause: thrown });
  if (typeof status === 'number' && status >= 400 && status < 500)
    return invalid('request.malformed', 'The request is malformed.', { cause: thrown });
  return broken('server.failed', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}

function unknownRoute(request: FastifyRequest, methods: readonly string[]): TrellisError {
  const path = pathOf(request);
  if (methods.length === 0)
    return missing('route.not_found', `There is nothing at ${path.slice(0, 200)}.`, {
      hint: 'The API is described at /api/docs.',
    });
  return invalid('request.method', `${request.method} is not served at ${path.slice(0, 200)}.`, {
    hint: `Served: ${methods.join(', ')}.`,
  });
}

function pathOf(request: FastifyRequest): string {
  return (request.raw.url ?? '/').split('?', 1)[0];
}

const mediaType = (cause: unknown): TrellisError =>
  invalid('request.media_type', 'This media type is not taken here.', {
    cause,
    hint: 'Send application/json in UTF-8.',
  });
const malformed = (cause: unknown): TrellisError =>
  invalid('request.malformed', 'The request is malformed.', { cause });
const tooLarge = (cause: unknown): TrellisError => limited('request.too_large', 'The request is too large.', { cause });

/** What Fastify and its plugins throw, by their codes. */
const fastifyErrors: Readonly<Record<string, (cause: unknown) => TrellisError>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: mediaType,
  FST_ERR_CTP_EMPTY_TYPE: mediaType,
  FST_ERR_CTP_BODY_TOO_LARGE: tooLarge,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: malformed,
  FST_ERR_CTP_INVALID_HANDLER: malformed,
  FST_ERR_BAD_URL: malformed,
  FST_ERR_MAX_PARAM_LENGTH: (cause) => missing('route.not_found', 'There is nothing at this address.', { cause }),
  FST_REQ_FILE_TOO_LARGE: tooLarge,
  FST_FILES_LIMIT: tooLarge,
  FST_PARTS_LIMIT: tooLarge,
  FST_FIELDS_LIMIT: tooLarge,
  FST_INVALID_MULTIPART_CONTENT_TYPE: (cause) =>
    invalid('request.media_type', 'Send multipart/form-data here.', { cause }),
  FST_PROTO_VIOLATION: malformed,
  FST_NO_FORM_DATA: malformed,
  ECONNRESET: malformed,
  ERR_STREAM_PREMATURE_CLOSE: malformed,
};

/** Used by guards of routes for whom nobody signed in. */
export function notSignedIn(): TrellisError {
  return denied('auth.required', 'Sign in first.', {
    hint: 'Sign in at /api/session, or send an API key as a bearer token.',
  });
}

function describe(error: Error): string {
  const cause =
    error.cause === undefined
      ? ''
      : `\ncaused by ${error.cause instanceof Error ? describe(error.cause) : String(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
