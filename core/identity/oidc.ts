import type * as client from 'openid-client';
import { denied, missing } from '../base/errors.js';
import type { Ctx } from '../sdk/index.js';
import { authenticate } from './actors.js';
import { countAttempt, forgiveAttempt } from './attempts.js';
import type { IdentityDeps } from './deps.js';
import { openSession } from './open-session.js';
import { claimsOf, openIdClient, userOfClaims } from './oidc-users.js';
import { findProvider, isThisMachine, redirectUriOf, secretContext, type Provider } from './providers.js';
import type { Authenticated } from './types.js';

/** Minutes that somebody may take at the provider. */
const flowMinutes = 10;
/** Seconds that a provider may take for an answer. */
const timeoutSeconds = 10;
const flowContext = 'oidc-flow';

/** Signing in at a provider (OpenID Connect, authorization code with PKCE). */
export interface Oidc {
  /**
   * Where to send the browser, and what it has to bring back: a sealed text for a cookie. `next` is a path of ours.
   * Throws provider.not_found, oidc.unreachable.
   */
  begin(ctx: Ctx, input: { provider: string; next: string }): Promise<{ url: string; flow: string }>;
  /**
   * Signs in by what the provider sent back. Throws oidc.failed for whatever is wrong, oidc.no_account, oidc.unverified,
   * oidc.suspended, auth.too_many_attempts.
   */
  finish(
    ctx: Ctx,
    input: {
      provider: string;
      /** The query of the address that the browser came back to. */
      query: string;
      flow: string | null;
      address: string;
      userAgent: string | null;
      previousToken?: string | null;
    },
  ): Promise<{ token: string; authenticated: Authenticated; next: string }>;
}

interface Flow {
  readonly provider: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly next: string;
  readonly until: number;
}

/** Makes the functions of signing in elsewhere. */
export function createOidc(deps: IdentityDeps): Oidc {
  const known = new Map<string, { at: number; key: string; config: client.Configuration }>();
  const configOf = async (provider: Provider): Promise<client.Configuration> => {
    const key = `${provider.issuer} ${provider.updatedAt.toISOString()}`;
    const kept = known.get(provider.id);
    // A provider changes its keys and addresses now and then.
    if (kept?.key === key && Date.now() - kept.at < 600_000) return kept.config;
    const config = await discover(deps, provider);
    known.set(provider.id, { at: Date.now(), key, config });
    return config;
  };
  return {
    begin: (ctx, input) => begin(deps, ctx, input, configOf),
    finish: (ctx, input) => finish(deps, ctx, input, configOf),
  };
}

type ConfigOf = (provider: Provider) => Promise<client.Configuration>;

async function activeProvider(deps: IdentityDeps, id: string): Promise<Provider> {
  const provider = await findProvider(deps, id);
  if (provider === null || !provider.active) throw missing('provider.not_found', 'There is no such provider.');
  return provider;
}

async function discover(deps: IdentityDeps, provider: Provider): Promise<client.Configuration> {
  const client = await openIdClient();
  const issuer = new URL(provider.issuer);
  const secret = provider.sealed === null ? undefined : deps.secrets.open(provider.sealed, secretContext(provider.id));
  const authentication = secret === undefined ? client.None() : client.ClientSecretBasic(secret);
  return client
    .discovery(issuer, provider.clientId, undefined, authentication, {
      timeout: timeoutSeconds,
      execute: isThisMachine(issuer.hostname) ? [client.allowInsecureRequests] : [],
    })
    .catch((cause: unknown) => {
      deps.log.warn({ provider: provider.id, err: String(cause) }, 'the provider of sign-ins cannot be reached');
      throw denied('oidc.unreachable', `${provider.title} cannot be reached.`, { cause });
    });
}

async function begin(
  deps: IdentityDeps,
  ctx: Ctx,
  input: { provider: string; next: string },
  configOf: ConfigOf,
): Promise<{ url: string; flow: string }> {
  const provider = await activeProvider(deps, input.provider);
  const [client, config] = await Promise.all([openIdClient(), configOf(provider)]);
  const flow: Flow = {
    provider: provider.id,
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
    next: isPathOfOurs(input.next) ? input.next : '/',
    until: ctx.now().getTime() + flowMinutes * 60_000,
  };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUriOf(ctx, provider.id),
    scope: [...new Set(['openid', ...provider.scopes.split(' ').filter(Boolean)])].join(' '),
    response_type: 'code',
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
  });
  return { url: url.href, flow: deps.secrets.seal(JSON.stringify(flow), flowContext) };
}

async function finish(
  deps: IdentityDeps,
  ctx: Ctx,
  input: Parameters<Oidc['finish']>[1],
  configOf: ConfigOf,
): ReturnType<Oidc['finish']> {
  const { address } = input;
  const attempt = { email: `oidc:${input.provider}:${address}`, address };
  await countAttempt(deps.database, { ...attempt, now: ctx.now(), onLimit: async () => undefined });
  const provider = await activeProvider(deps, input.provider);
  const flow = openFlow(deps, ctx, input.flow);
  if (flow === null || flow.provider !== provider.id) throw failed('This sign-in was not begun here, or too long ago.');
  const config = await configOf(provider);
  const back = new URL(`${redirectUriOf(ctx, provider.id)}?${input.query}`);
  const client = await openIdClient();
  const tokens = await client
    .authorizationCodeGrant(config, back, {
      pkceCodeVerifier: flow.verifier,
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      idTokenExpected: true,
    })
    .catch((cause: unknown) => {
      deps.log.warn({ provider: provider.id, err: String(cause) }, 'a sign-in elsewhere was refused');
      throw failed(`${provider.title} did not confirm this sign-in.`, cause);
    });
  const claims = await claimsOf(config, tokens);
  const token = await ctx.records.transaction(ctx, async (inside) => {
    const userId = await userOfClaims(deps, inside, { provider, claims });
    const opened = await openSession(ctx, inside.tx, { ...input, userId, method: 'oidc' });
    if (opened === null) throw denied('oidc.suspended', 'This account is suspended.');
    await forgiveAttempt(inside.tx, attempt);
    await deps.audit.append(inside.tx, {
      kind: 'session.started',
      actor: userId,
      requestId: ctx.requestId,
      payload: {
        provider: provider.id,
        subject: claims.subject,
        address,
        userAgent: input.userAgent?.slice(0, 300) ?? null,
      },
    });
    return opened.token;
  });
  const authenticated = await authenticate(deps, token);
  if (authenticated === null) throw failed('The session ended at once.');
  return { token, authenticated, next: flow.next };
}

function openFlow(deps: IdentityDeps, ctx: Ctx, sealed: string | null): Flow | null {
  if (sealed === null) return null;
  try {
    const flow = JSON.parse(deps.secrets.open(sealed, flowContext)) as Flow;
    return flow.until > ctx.now().getTime() ? flow : null;
  } catch {
    // Whatever was not sealed here was not begun here.
    return null;
  }
}

/** A path that stays on this server: browsers read `//` and `/\` as another host. */
function isPathOfOurs(path: string): boolean {
  return /^\/(?![/\\])[^\s\\]*$/.test(path) && path.length <= 1000;
}

function failed(message: string, cause?: unknown): Error {
  return denied('oidc.failed', message, { hint: 'Begin anew at the sign-in page.', cause });
}
