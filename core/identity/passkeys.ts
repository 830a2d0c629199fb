import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { conflict, denied, invalid, missing } from '../base/errors.js';
import type { Ctx, Json } from '../sdk/index.js';
import type { IdentityDeps } from './deps.js';
import { makeChallenge, relyingParty, spendChallenge } from './passkey-challenge.js';
import { signInWithPasskey, webauthn } from './passkey-sign-in.js';
import { confirmPassword } from './password-check.js';
import { requireSession } from './sessions.js';
import type { Authenticated } from './types.js';

/** Passkeys that one user may hold. */
const passkeyLimit = 20;

/** One's own passkey, as shown. */
export interface PasskeyInfo {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** What a browser needs to make or use a passkey, and what it answers; both are JSON of WebAuthn level 3. */
export type PasskeyOptions = { readonly [key: string]: unknown };

/** Passkeys (WebAuthn): a key pair on a device of the user, unlocked there by finger, face or PIN. */
export interface Passkeys {
  list(ctx: Ctx): Promise<PasskeyInfo[]>;
  /** Throws auth.failed for a wrong password; whoever has none needs none. */
  beginAdd(ctx: Ctx, input: { password: string; address: string }): Promise<PasskeyOptions>;
  /** Throws passkey.refused where the answer is not what was asked for, passkey.exists, passkey.too_many. */
  add(ctx: Ctx, input: { name: string; response: Json }): Promise<PasskeyInfo>;
  /** Throws passkey.not_found, passkey.last where nothing else would let the user in. */
  remove(ctx: Ctx, input: { id: string }): Promise<void>;
  /** Names no account, so that nothing is told of any. */
  beginSignIn(ctx: Ctx): Promise<PasskeyOptions>;
  /** Throws auth.passkey_failed for whatever is wrong, auth.too_many_attempts. */
  signIn(
    ctx: Ctx,
    input: { response: Json; address: string; userAgent: string | null; previousToken?: string | null },
  ): Promise<{ token: string; authenticated: Authenticated }>;
}

/** Makes the functions of passkeys. */
export function createPasskeys(deps: IdentityDeps): Passkeys {
  return {
    list: (ctx) => listPasskeys(deps, requireSession(ctx).userId),
    beginAdd: (ctx, input) => beginAdd(deps, ctx, input),
    add: (ctx, input) => addPasskey(deps, ctx, input),
    remove: (ctx, input) => removePasskey(deps, ctx, input),
    beginSignIn: async (ctx) => ({
      ...(await (
        await webauthn()
      ).generateAuthenticationOptions({
        rpID: relyingParty(deps).id,
        challenge: makeChallenge(deps, ctx, 'sign-in'),
        userVerification: 'required',
      })),
    }),
    async signIn(ctx, input) {
      const response = input.response as unknown as AuthenticationResponseJSON;
      return signInWithPasskey(deps, ctx, { ...input, response });
    },
  };
}

async function listPasskeys(deps: IdentityDeps, userId: string): Promise<PasskeyInfo[]> {
  const rows = await deps.database.query<{ id: string; name: string; created_at: Date; last_used_at: Date | null }>({
    text: 'select id, name, created_at, last_used_at from trellis.passkey where user_id = $1 order by created_at, id',
    values: [userId],
  });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }));
}

async function beginAdd(
  deps: IdentityDeps,
  ctx: Ctx,
  input: { password: string; address: string },
): Promise<PasskeyOptions> {
  const { userId, name } = requireSession(ctx);
  const [account] = await deps.database.query<{ email: string; has_password: boolean; keys: string[] }>({
    text: `select coalesce(c.email, c.name) as email, c.password_hash is not null as has_password,
  array(select k.credential_id from trellis.passkey k where k.user_id = c.user_id) as keys
from trellis.credential c where c.user_id = $1`,
    values: [userId],
  });
  if (account.has_password) await confirmPassword(deps, ctx, input);
  return {
    ...(await (
      await webauthn()
    ).generateRegistrationOptions({
      rpID: relyingParty(deps).id,
      rpName: ctx.workspace.name,
      userName: account.email,
      userDisplayName: name,
      userID: new TextEncoder().encode(userId),
      challenge: makeChallenge(deps, ctx, `add:${userId}`),
      excludeCredentials: account.keys.map((id) => ({ id })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })),
  };
}

async function addPasskey(deps: IdentityDeps, ctx: Ctx, input: { name: string; response: Json }): Promise<PasskeyInfo> {
  const { userId } = requireSession(ctx);
  const name = input.name.trim();
  if (name === '' || name.length > 100)
    throw invalid('passkey.name', 'A passkey needs a name of at most 100 characters.', {
      issues: [{ path: '/name', code: 'passkey.name', message: 'A passkey needs a name of at most 100 characters.' }],
    });
  const response = input.response as unknown as RegistrationResponseJSON;
  const party = relyingParty(deps, response);
  let challenge = '';
  const verified = await (
    await webauthn()
  )
    .verifyRegistrationResponse({
      response,
      expectedChallenge: (given) => {
        challenge = given;
        return true;
      },
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
    })
    .catch((cause: unknown) => {
      throw refused(cause);
    });
  if (!verified.verified) throw refused();
  const { credential } = verified.registrationInfo;
  const id = ctx.newId();
  await deps.database.transaction(async (tx) => {
    if (!(await spendChallenge(deps, ctx, tx, { challenge, purpose: `add:${userId}` }))) throw refused();
    await tx.query('select 1 from trellis.credential where user_id = $1 for update', [userId]);
    const [{ n }] = await tx.query<{ n: number }>(
      'select count(*)::integer as n from trellis.passkey where user_id = $1',
      [userId],
    );
    if (n >= passkeyLimit) throw conflict('passkey.too_many', `You hold ${passkeyLimit} passkeys already.`);
    const added = await tx.query(
      `insert into trellis.passkey (id, credential_id, user_id, public_key, counter, transports, name, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id`,
      [
        id,
        credential.id,
        userId,
        Buffer.from(credential.publicKey),
        credential.counter,
        credential.transports ?? [],
        name,
        ctx.now(),
      ],
    );
    if (added.length === 0) throw conflict('passkey.exists', 'This passkey is known already.');
    await deps.audit.append(tx, {
      kind: 'passkey.added',
      actor: userId,
      requestId: ctx.requestId,
      payload: { id, name },
    });
  });
  return { id, name, createdAt: ctx.now().toISOString(), lastUsedAt: null };
}

async function removePasskey(deps: IdentityDeps, ctx: Ctx, input: { id: string }): Promise<void> {
  const { userId } = requireSession(ctx);
  await deps.database.transaction(async (tx) => {
    const [account] = await tx.query<{ has_other: boolean }>(otherWayText, [userId, input.id]);
    const [gone] = await tx.query<{ name: string }>(
      'delete from trellis.passkey where id::text = $1 and user_id = $2 returning name',
      [input.id, userId],
    );
    if (gone === undefined) throw missing('passkey.not_found', 'There is no such passkey.');
    if (!account.has_other)
      throw conflict('passkey.last', 'Without this passkey you could not sign in any more.', {
        hint: 'Add another one, or choose a password first.',
      });
    await deps.audit.append(tx, {
      kind: 'passkey.removed',
      actor: userId,
      requestId: ctx.requestId,
      payload: { id: input.id, name: gone.name },
    });
  });
}

const otherWayText = `select c.password_hash is not null
  or exists (select 1 from trellis.passkey k where k.user_id = c.user_id and k.id::text <> $2) as has_other
from trellis.credential c where c.user_id = $1 for update`;

function refused(cause?: unknown): Error {
  return denied('passkey.refused', 'The answer of the device is not what was asked for.', {
    hint: 'Begin anew.',
    cause,
  });
}
