import type { Ctx } from '../sdk/index.js';
import { countAttempt, forgiveAttempt } from './attempts.js';
import type { IdentityDeps } from './deps.js';
import { requireSession } from './sessions.js';
import { wrongCredentials } from './credentials.js';

/**
 * Asks the signed-in user for the password again before something that an open session alone must not do. Attempts count.
 * Throws auth.failed, auth.too_many_attempts, auth.session_required.
 */
export async function confirmPassword(
  deps: IdentityDeps,
  ctx: Ctx,
  input: { password: string; address: string },
): Promise<{ userId: string; email: string; passwordHash: string }> {
  const actor = requireSession(ctx);
  const [account] = await deps.database.query<{ email: string | null; password_hash: string | null }>({
    text: 'select email, password_hash from trellis.credential where user_id = $1 and active',
    values: [actor.userId],
  });
  const attempt = { email: account?.email ?? '', address: input.address };
  await countAttempt(deps.database, { ...attempt, now: ctx.now(), onLimit: async () => undefined });
  const passwordHash = account?.password_hash ?? null;
  if (!(await deps.hasher.verify(passwordHash, input.password)) || passwordHash === null) throw wrongCredentials();
  await deps.database.transaction((tx) => forgiveAttempt(tx, attempt));
  return { userId: actor.userId, email: attempt.email, passwordHash };
}
