import { denied } from '../base/errors.js';
import type { Ctx } from '../sdk/index.js';
import { authenticate } from './actors.js';
import { countAttempt, forgiveAttempt } from './attempts.js';
import type { IdentityDeps } from './deps.js';
import { maxPasswordBytes } from './password-rules.js';
import { hashToken, newSessionToken } from './tokens.js';
import { sessionDays, type Authenticated, type SignInInput } from './types.js';

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

/** What stands for an address in the database: trimmed, NFKC, lower case. */
export function normalizeEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

/** The one answer to every wrong sign-in. */
export function wrongCredentials(): Error {
  return denied('auth.failed', 'The mail address or the password is wrong.', {
    hint: 'Check both. An administrator can set a new password.',
  });
}

interface Account {
  user_id: string;
  password_hash: string | null;
  active: boolean;
}

interface SessionStart extends SignInInput {
  readonly userId: string;
  readonly passwordHash: string | null;
}

async function startSession(
  deps: IdentityDeps,
  ctx: Ctx,
  input: SessionStart,
): Promise<{ token: string; authenticated: Authenticated }> {
  const token = newSessionToken();
  const id = ctx.newId();
  await deps.database.transaction(async (tx) => {
    // The password may have been changed while it was compared: then this attempt was made with the old one.
    const [started] = await tx.query(startText, [
      id,
      hashToken(token),
      input.userId,
      ctx.now(),
      input.address,
      input.userAgent?.slice(0, 300) ?? null,
      input.passwordHash,
    ]);
    if (started === undefined) throw wrongCredentials();
    if (input.previousToken)
      await tx.query('delete from trellis.session where token_hash = $1', [hashToken(input.previousToken)]);
    await forgiveAttempt(tx, input);
    await deps.audit.append(tx, {
      kind: 'session.started',
      actor: input.userId,
      requestId: ctx.requestId,
      payload: { email: input.email, address: input.address, userAgent: input.userAgent?.slice(0, 300) ?? null },
    });
  });
  const authenticated = await authenticate(deps, token);
  if (authenticated === null) throw wrongCredentials();
  return { token, authenticated };
}

const startText = `insert into trellis.session (id, token_hash, user_id, created_at, last_seen_at, expires_at, address, user_agent)
select $1, $2, c.user_id, $4::timestamptz, $4::timestamptz, $4::timestamptz + interval '${sessionDays} days', $5, $6
from trellis.credential c where c.user_id = $3 and c.active and c.password_hash = $7 for share
returning id`;
