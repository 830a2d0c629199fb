import type { Ctx } from '../sdk/index.js';
import { hasAdministrator, lockAdministrators } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import { checkPassword } from './password-rules.js';
import { normalizeEmail } from './credentials.js';
import { newOneTimePassword } from './tokens.js';
import { administratorRole } from './types.js';
import { insertUser } from './users.js';

/**
 * Makes one administrator where there is none. Two nodes that start at once wait for each other, so exactly one makes
 * it; nobody can claim the system over HTTP. `announce` is called after the commit, only for a one-time password.
 */
export async function ensureAdministrator(
  deps: IdentityDeps,
  ctx: Ctx,
  input: {
    email: string | null;
    password: string | null;
    announce(account: { email: string; password: string }): void;
  },
): Promise<void> {
  const email = normalizeEmail(input.email ?? 'admin@trellis.local');
  if (input.password !== null) checkPassword({ password: input.password, email });
  const isThere = await deps.database.transaction((tx) => hasAdministrator(tx));
  if (isThere) return;
  const password = input.password ?? newOneTimePassword();
  const hash = await deps.hasher.hash(password);
  const isMade = await ctx.records.transaction(ctx, async (inside) => {
    await lockAdministrators(inside.tx);
    if (await hasAdministrator(inside.tx)) return false;
    await insertUser(deps, inside, {
      name: 'Administrator',
      email,
      roles: [administratorRole],
      hash,
      mustChange: input.password === null,
    });
    return true;
  });
  if (isMade && input.password === null) input.announce({ email, password });
}
