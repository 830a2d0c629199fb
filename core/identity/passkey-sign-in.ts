import type { AuthenticationResponseJSON, AuthenticatorTransport } from '@simplewebauthn/server';
import { denied } from '../base/errors.js';
import type { Ctx } from '../sdk/index.js';
import { authenticate } from './actors.js';
import { countAttempt, forgiveAttempt } from './attempts.js';
import type { IdentityDeps } from './deps.js';
import { openSession } from './open-session.js';
import { relyingParty, spendChallenge } from './passkey-challenge.js';
import type { Authenticated } from './types.js';

/** Half a second of parsing, so it is loaded when somebody first uses a passkey and not when the server starts. */
export const webauthn = (): Promise<typeof import('@simplewebauthn/server')> => import('@simplewebauthn/server');

/** Signs in by the answer of a device. Every refusal is the same. Throws auth.passkey_failed, auth.too_many_attempts. */
export async function signInWithPasskey(
  deps: IdentityDeps,
  ctx: Ctx,
  input: {
    response: AuthenticationResponseJSON;
    address: string;
    userAgent: string | null;
    previousToken?: string | null;
  },
): Promise<{ token: string; authenticated: Authenticated }> {
  const { response, address } = input;
  const id = typeof response?.id === 'string' ? response.id.slice(0, 1400) : '';
  const attempt = { email: `passkey:${id}`, address };
  await countAttempt(deps.database, { ...attempt, now: ctx.now(), onLimit: async () => undefined });
  const [key] = await deps.database.query<PasskeyRow>({ text: findText, values: [id] });
  const proof = key === undefined ? null : await prove(deps, key, response);
  const token =
    proof === null
      ? null
      : await deps.database.transaction(async (tx) => {
          if (!(await spendChallenge(deps, ctx, tx, { challenge: proof.challenge, purpose: 'sign-in' }))) return null;
          // A counter that does not go up is that of a copied key (WebAuthn level 3, 6.1.1); many devices always say 0.
          const used = await tx.query(
            `update trellis.passkey set counter = $2, last_used_at = $3 where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning id`,
            [key.id, proof.counter, ctx.now()],
          );
          if (used.length === 0) return null;
          const opened = await openSession(ctx, tx, { ...input, userId: key.user_id, method: 'passkey' });
          if (opened === null) return null;
          await forgiveAttempt(tx, attempt);
          await deps.audit.append(tx, {
            kind: 'session.started',
            actor: key.user_id,
            requestId: ctx.requestId,
            payload: { passkey: key.id, address, userAgent: input.userAgent?.slice(0, 300) ?? null },
          });
          return opened.token;
        });
  const authenticated = token === null ? null : await authenticate(deps, token);
  if (token === null || authenticated === null) {
    await deps.audit.append(null, {
      kind: 'session.refused',
      actor: null,
      requestId: ctx.requestId,
      payload: { address, reason: 'passkey', user: key?.user_id ?? null },
    });
    throw denied('auth.passkey_failed', 'This passkey does not let you in.', {
      hint: 'Sign in by another way, and look at your passkeys in your profile.',
    });
  }
  return { token, authenticated };
}

interface PasskeyRow {
  id: string;
  credential_id: string;
  user_id: string;
  public_key: Buffer;
  counter: string;
  transports: string[];
}

/** The challenge that was answered and the counter, or null where the answer was not made by this key, here, by its user. */
async function prove(
  deps: IdentityDeps,
  key: PasskeyRow,
  response: AuthenticationResponseJSON,
): Promise<{ challenge: string; counter: number } | null> {
  const party = relyingParty(deps, response);
  let challenge = '';
  try {
    const { verified, authenticationInfo } = await (
      await webauthn()
    ).verifyAuthenticationResponse({
      response,
      expectedChallenge: (given) => {
        challenge = given;
        return true;
      },
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      credential: {
        id: key.credential_id,
        publicKey: new Uint8Array(key.public_key),
        counter: Number(key.counter),
        transports: key.transports as AuthenticatorTransport[],
      },
    });
    return verified ? { challenge, counter: authenticationInfo.newCounter } : null;
  } catch {
    // The library throws for every sort of answer that does not fit; all of them are one refusal here.
    return null;
  }
}

const findText = `select k.id, k.credential_id, k.user_id, k.public_key, k.counter, k.transports
from trellis.passkey k join trellis.credential c on c.user_id = k.user_id and c.active where k.credential_id = $1`;
