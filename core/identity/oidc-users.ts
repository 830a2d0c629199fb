import type * as client from 'openid-client';
import { denied } from '../base/errors.js';
import type { Ctx, Tx } from '../sdk/index.js';
import { hasOtherAdministrator, lockAdministrators } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import type { Provider } from './providers.js';
import { normalizeEmail } from './credentials.js';
import { administratorRole } from './types.js';
import { insertUser } from './users.js';

/** What a provider says of somebody. */
export interface Claims {
  readonly subject: string;
  /** Null where there is none, or the provider has not verified it. */
  readonly email: string | null;
  readonly name: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Loaded when somebody first signs in elsewhere, not when the server starts. */
export const openIdClient = (): Promise<typeof client> => import('openid-client');

/** The claims of the id token, with those of the userinfo endpoint where there is one. */
export async function claimsOf(
  config: client.Configuration,
  tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
): Promise<Claims> {
  const claims = tokens.claims();
  if (claims === undefined) throw denied('oidc.failed', 'The provider sent no id token.');
  const more = config.serverMetadata().userinfo_endpoint
    ? await (await openIdClient()).fetchUserInfo(config, tokens.access_token, claims.sub)
    : {};
  const values: Record<string, unknown> = { ...more, ...claims };
  const text = (key: string): string | null => (typeof values[key] === 'string' ? values[key] : null);
  const email = text('email');
  return {
    subject: claims.sub,
    // ａnn@… is another mailbox than ann@…, though both are written alike here: what was verified is not Ann's.
    email: values.email_verified === true && email === email?.normalize('NFKC') ? email : null,
    name: text('name'),
    values,
  };
}

/**
 * The user that somebody is: known by issuer and subject, else by a verified mail address as the policy of the provider allows.
 * Brings the roles of groups up to date. Throws oidc.no_account, oidc.unverified.
 */
export async function userOfClaims(
  deps: IdentityDeps,
  ctx: Ctx & { readonly tx: Tx },
  input: { provider: Provider; claims: Claims },
): Promise<string> {
  const { provider, claims } = input;
  const { tx } = ctx;
  // Two sign-ins of one new person at once: the second finds what the first has made.
  await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`trellis.oidc ${provider.issuer} ${claims.subject}`]);
  const [known] = await tx.query<{ user_id: string }>(
    'select user_id from trellis.external_identity where issuer = $1 and subject = $2',
    [provider.issuer, claims.subject],
  );
  const userId = known?.user_id ?? (await admit(deps, ctx, provider, claims));
  if (provider.groupClaim !== null) await syncRoles(deps, ctx, { userId, provider, claims });
  return userId;
}

async function admit(
  deps: IdentityDeps,
  ctx: Ctx & { readonly tx: Tx },
  provider: Provider,
  claims: Claims,
): Promise<string> {
  const noAccount = denied('oidc.no_account', 'There is no account for you here.', {
    hint: 'Ask an administrator for an invitation.',
  });
  if (claims.email === null)
    throw denied('oidc.unverified', `${provider.title} has not verified your mail address.`, {
      hint: 'Verify it there, then come back.',
    });
  const email = normalizeEmail(claims.email);
  if (!provider.domains.includes(email.slice(email.lastIndexOf('@') + 1))) throw noAccount;
  const [present] = await ctx.tx.query<{ user_id: string }>(
    `select user_id from trellis.credential where email = $1 and kind = 'person' for update`,
    [email],
  );
  if (present !== undefined && !provider.linksUsers) throw noAccount;
  if (present === undefined && !provider.makesUsers) throw noAccount;
  const userId =
    present?.user_id ??
    (await insertUser(deps, ctx, {
      name: (claims.name ?? email).slice(0, 200),
      email,
      roles: provider.defaultRoles,
      hash: null,
      mustChange: false,
    }));
  await ctx.tx.query(
    'insert into trellis.external_identity (issuer, subject, user_id, created_at) values ($1, $2, $3, $4)',
    [provider.issuer, claims.subject, userId, ctx.now()],
  );
  await deps.audit.append(ctx.tx, {
    kind: 'user.linked',
    actor: null,
    requestId: ctx.requestId,
    payload: { id: userId, provider: provider.id, subject: claims.subject, email, isNew: present === undefined },
  });
  return userId;
}

/** Of the roles that the map names, the user has those of its groups; other roles stay. The last administrator stays one. */
async function syncRoles(
  deps: IdentityDeps,
  ctx: Ctx & { readonly tx: Tx },
  input: { userId: string; provider: Provider; claims: Claims },
): Promise<void> {
  const { userId, provider, claims } = input;
  const { tx } = ctx;
  const given = claims.values[provider.groupClaim ?? ''];
  const groups = (Array.isArray(given) ? given : [given]).filter((group) => typeof group === 'string');
  const known = deps.roleIds();
  const governed = [...new Set(Object.values(provider.roleMap))].filter((role) => known.has(role));
  const wanted = new Set(groups.flatMap((group) => provider.roleMap[group] ?? []).filter((role) => known.has(role)));
  await lockAdministrators(tx);
  const before = (
    await tx.query<{ role: string }>('select role from trellis.user_role where user_id = $1 order by role', [userId])
  ).map((row) => row.role);
  const keepsAdministrator =
    before.includes(administratorRole) &&
    !wanted.has(administratorRole) &&
    !(await hasOtherAdministrator(tx, [userId]));
  const after = [
    ...new Set([
      ...before.filter((role) => !governed.includes(role) || (keepsAdministrator && role === administratorRole)),
      ...wanted,
    ]),
  ].sort();
  if (after.join() === before.join()) return;
  await tx.query('delete from trellis.user_role where user_id = $1', [userId]);
  await tx.query('insert into trellis.user_role (user_id, role) select $1, role from unnest($2::text[]) role', [
    userId,
    after,
  ]);
  await tx.query(
    'update trellis.credential set security_epoch = security_epoch + 1, updated_at = now() where user_id = $1',
    [userId],
  );
  await deps.audit.append(tx, {
    kind: 'user.rolesChanged',
    actor: null,
    requestId: ctx.requestId,
    payload: { id: userId, before, after, provider: provider.id },
  });
  deps.cache.forgetUser(userId);
}
