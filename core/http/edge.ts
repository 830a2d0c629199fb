import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { denied, invalid, missing } from '../base/errors.js';
import type { Config } from '../base/config.js';
import type { CatalogService } from '../catalog/index.js';
import {
  addressBucket,
  isAdministrator,
  mustSetUp,
  notOnBehalf,
  type Authenticated,
  type Identity,
} from '../identity/index.js';
import type { ContextFactory } from '../sdk/index.js';
import { readBearer, readSessionCookie } from './cookies.js';
import { bestLocale } from './locale.js';
import { checkOrigin } from './origin.js';
import { notSignedIn } from './problem-filter.js';
import { createRateLimit } from './rate-limit.js';
import { parseQuery } from './query-string.js';
import type { EdgeState, RouteSpec } from './route.js';
import { securityHeaders } from './security-headers.js';

/** What the edge leans on. */
export interface EdgeDeps {
  readonly config: Config;
  readonly identity: Identity;
  readonly contexts: ContextFactory;
  readonly catalog: CatalogService;
}

/**
 * What happens to every request before its handler: request id, security headers, parameters by name, origin of changes,
 * who signed in. One hook, so that nobody can forget a part of it; it answers by error only.
 */
export function registerEdge(fastify: FastifyInstance, deps: EdgeDeps): void {
  const plainHeaders = securityHeaders(false);
  const tlsHeaders = securityHeaders(true);
  const limit = createRateLimit(deps.config.rateLimit);
  const take = (key: string): void => limit.take(key, performance.now());
  // Who makes itself many keys and sessions gains nothing by it.
  const ofAccount = createRateLimit(deps.config.rateLimit * 2);
  const publicOrigin = deps.config.publicUrl === null ? null : new URL(deps.config.publicUrl).origin;
  fastify.decorateRequest('edge', null as unknown as EdgeState);
  fastify.addHook('onRequest', async (request, reply) => {
    request.edge = { ctx: null, authenticated: null, query: {}, bodyHash: null, startedAt: performance.now() };
    reply.headers(isTls(deps.config, request) ? tlsHeaders : plainHeaders).header('x-request-id', request.id);
    const spec = request.routeOptions.config.spec;
    if (request.is404 || spec === undefined) return take(addressKey(request));
    refuseNul(request);
    request.edge.query = parseQuery(request.raw.url ?? '', spec.query ?? [], spec.access === 'public');
    refuseForm(request, spec);
    checkOrigin({ method: request.method, headers: request.headers, publicOrigin });
    // A node that is out of step with the catalog takes no writes, of whatever sort: this throws.
    if (request.method !== 'GET' && request.method !== 'HEAD') void deps.catalog.current;
    const token = spec.access === 'public' ? null : tokenOf(request);
    if (token === null) take(addressKey(request));
    if (spec.access === 'public') return;
    if (token === null) throw notSignedIn();
    const cached = spec.isGuarded ? deps.identity.cached(token) : undefined;
    // Who has something to do first may have done it on another node by now.
    const isFree = cached !== undefined && !cached.mustChange && !cached.mustEnrol;
    const authenticated = isFree ? cached : await deps.identity.authenticate(token);
    // Statements of guarded routes see for themselves that the catalog is that of now; for all others it is made so here.
    if (!isFree && authenticated !== null) await deps.catalog.reach(authenticated.catalogEpoch);
    // Whoever tries keys is counted by address.
    take(authenticated === null ? addressKey(request) : authenticated.actor.credential.id);
    if (authenticated === null) throw notSignedIn();
    const { actor } = authenticated;
    ofAccount.take(actor.actedBy?.userId ?? actor.userId, performance.now());
    admit(deps, request, reply, spec, authenticated);
  });
}

/** No id, name or key holds a NUL, and no column takes one: such an address leads nowhere. */
function refuseNul(request: FastifyRequest): void {
  if (Object.values((request.params ?? {}) as Record<string, string>).some((value) => value.includes('\0')))
    throw missing('route.not_found', 'There is nothing at this address.');
}

/** Who is not signed in is counted by address (a /64 of IPv6), as the edge believes it. */
function addressKey(request: FastifyRequest): string {
  return `address ${addressBucket(request.ip)}`;
}

/** The form parser serves all routes; only those that ask for a form get one. */
function refuseForm(request: FastifyRequest, spec: RouteSpec): void {
  if (spec.body !== 'multipart' && /^\s*multipart\//i.test(request.headers['content-type'] ?? ''))
    throw invalid('request.media_type', 'Forms are not taken here.', { hint: 'Send application/json.' });
}

/** True where browsers reach us over https: always, by the public address, or this time, as a trusted proxy says (X-Forwarded-Proto of anybody else counts for nothing). */
export function isTls(config: Config, request?: Pick<FastifyRequest, 'protocol'>): boolean {
  return (config.publicUrl?.startsWith('https://') ?? false) || request?.protocol === 'https';
}

/** The bearer token, else the session cookie. A request with both acts by the token alone. */
export function tokenOf(request: FastifyRequest): string | null {
  return request.headers.authorization === undefined
    ? readSessionCookie(request.headers.cookie)
    : readBearer(request.headers.authorization);
}

function admit(
  deps: EdgeDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  spec: RouteSpec,
  authenticated: Authenticated,
): void {
  if (authenticated.mustChange && !spec.isOpenBeforePasswordChange) {
    throw denied('auth.password_change_required', 'Choose a new password first.', {
      hint: 'POST /api/session/password with current and next.',
    });
  }
  const isOpen = spec.isOpenBeforeSecondFactor || spec.isOpenBeforePasswordChange;
  if (authenticated.mustEnrol && !isOpen) throw mustSetUp();
  if (spec.access === 'scim' && !authenticated.actor.scopes?.includes('scim'))
    throw denied('auth.scope', 'This needs the key of a service account with the scope scim.', {
      hint: 'An administrator makes one in Settings → Directory.',
    });
  if (spec.isOwnBusiness && authenticated.actor.actedBy) throw notOnBehalf();
  if (spec.isPersonal) checkScope(request.method, authenticated.actor.scopes);
  const signal = abortOf(reply);
  const ctx = deps.contexts.forActor(authenticated.actor, {
    locale: localeOf(deps, request, authenticated),
    zone: authenticated.zone ?? undefined,
    requestId: request.id,
    get signal() {
      return signal();
    },
  });
  if (spec.access === 'administrator' && !isAdministrator(ctx))
    throw denied('auth.administrator_required', 'Only an administrator may do this.');
  request.edge.ctx = ctx;
  request.edge.authenticated = authenticated;
}

/** A narrowed key: throws auth.scope where what is its user's own is none of its business. */
function checkScope(method: string, scopes: readonly string[] | null): void {
  if (scopes === null || scopes.includes('write')) return;
  const isSafe = method === 'GET' || method === 'HEAD';
  if (isSafe && scopes.includes('read')) return;
  throw denied('auth.scope', 'The scopes of this API key do not allow it.', {
    hint: `It needs the scope ${isSafe ? 'read' : 'write'}.`,
  });
}

/** The signal of a client that went away; made when somebody asks for it, which reads and writes of records do not. */
function abortOf(reply: FastifyReply): () => AbortSignal {
  let controller: AbortController | null = null;
  return () => {
    if (controller !== null) return controller.signal;
    const made = (controller = new AbortController());
    const onClose = (): void => {
      if (!reply.raw.writableFinished) made.abort();
    };
    if (reply.raw.closed) onClose();
    else reply.raw.once('close', onClose);
    return made.signal;
  };
}

function localeOf(deps: EdgeDeps, request: FastifyRequest, authenticated: Authenticated): string | undefined {
  return (
    bestLocale(request.headers['accept-language'], deps.catalog.current.locales) ?? authenticated.locale ?? undefined
  );
}
