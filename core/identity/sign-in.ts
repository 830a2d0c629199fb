import { denied } from '../base/errors.js';
import type { Ctx, Tx } from '../sdk/index.js';
import { authenticate } from './actors.js';
import { countAttempt, forgiveAttempt, takeBackAttempt } from './attempts.js';
import { normalizeEmail, wrongCredentials } from './credentials.js';
import type { IdentityDeps } from './deps.js';
import { openSession } from './open-session.js';
import { maxPasswordBytes } from './password-rules.js';
import { useCode, wrongCode } from './totp.js';
import type { Authenticated, SignInInput } from './types.js';

/**
 * Signs in. A wrong address, a wrong password and a suspended account take the same statements, the same hashing and
 * give the same answer. Always makes a new session id (no fixation). Throws auth.failed, auth.too_many_attempts, auth.busy.
 */
export async function signIn(
  deps: IdentityDeps,
  ctx: Ctx,
  input: SignInInput,
): Promise<{ token: string; authenticated: Authenticated }> {
  const email = normalizeEmail(input.email);
  const { address } = input;
  const refusal = (reason: string): Promise<void> =>
    deps.audit.append(null, {
      kind: 'session.refused',
      actor: null,
      requestId: ctx.requestId,
      payload: { email, address, reason },
    });

  await countAttempt(deps.database, { email, address, now: ctx.now(), onLimit: () => refusal('too many attempts') });
  const [account] = await deps.database.query<Account>({
    text: 'select user_id, password_hash, active from trellis.credential where email = $1',
    values: [email],
  });
  const password = Buffer.byteLength(input.password) > maxPasswordBytes ? '' : input.password;
  const isRight = await deps.hasher.verify(account?.active ? account.password_hash : null, password);
  if (!isRight || account === undefined) {
    await refusal('wrong address or password');
    throw wrongCredentials();
  }
  return startSession(deps, ctx, { ...input, email, userId: account.user_id, passwordHash: account.password_hash });
}

interface Account {
  user_id: string;
  password_hash: string | null;
  active: boolean;
}

interface PasswordStart extends SignInInput {
  readonly userId: string;
  readonly passwordHash: string | null;
}

async function startSession(
  deps: IdentityDeps,
  ctx: Ctx,
  input: PasswordStart,
): Promise<{ token: string; authenticated: Authenticated }> {
  const outcome = await deps.database.transaction(async (tx) => {
    const code = await useCode(deps, tx, { userId: input.userId, code: input.code ?? null, now: ctx.now() });
    // What was tried is right as far as it went: asking for a code is no attempt, and forgives none either.
    if (code === 'missing') await takeBackAttempt(tx, input);
    if (code === 'missing' || code === 'wrong') return code;
    if (code === 'none' && (await needsPasskey(tx, input.userId))) return 'passkey';
    // The password may have been changed while it was compared: then this attempt was made with the old one.
    const opened = await openSession(ctx, tx, { ...input, method: 'password' });
    if (opened === null) throw wrongCredentials();
    await forgiveAttempt(tx, input);
    await deps.audit.append(tx, {
      kind: 'session.started',
      actor: input.userId,
      requestId: ctx.requestId,
      payload: {
        email: input.email,
        address: input.address,
        userAgent: input.userAgent?.slice(0, 300) ?? null,
        secondFactor: code === 'right',
      },
    });
    return opened;
  });
  if (typeof outcome === 'string') return refuse(deps, ctx, input, outcome);
  const authenticated = await authenticate(deps, outcome.token);
  if (authenticated === null) throw wrongCredentials();
  return { token: outcome.token, authenticated };
}

/** Throws for a right password that is not enough. */
async function refuse(
  deps: IdentityDeps,
  ctx: Ctx,
  input: PasswordStart,
  verdict: 'missing' | 'wrong' | 'passkey',
): Promise<never> {
  if (verdict === 'missing')
    throw denied('auth.totp_required', 'A code of your app is needed.', {
      hint: 'Send it as "totp", with address and password.',
    });
  await deps.audit.append(null, {
    kind: 'session.refused',
    actor: null,
    requestId: ctx.requestId,
    payload: {
      email: input.email,
      address: input.address,
      reason: verdict === 'wrong' ? 'wrong code' : 'password where a passkey is needed',
    },
  });
  if (verdict === 'wrong') throw wrongCode();
  throw denied('auth.passkey_required', 'Sign in with your passkey.', {
    hint: 'Your role demands a second factor, and a password alone is none.',
  });
}

/** A role demands a second factor, and the user has passkeys: whoever knows only the password must not set one up instead. */
async function needsPasskey(tx: Tx, userId: string): Promise<boolean> {
  const rows = await tx.query(
    `select 1 from trellis.passkey k where k.user_id = $1
and exists (select 1 from trellis.user_role r, trellis.sign_in_policy p where r.user_id = $1 and r.role = any(p.factor_roles)) limit 1`,
    [userId],
  );
  return rows.length > 0;
}
