import type { Ctx, Tx } from '../sdk/index.js';
import { hashToken, newSessionToken } from './tokens.js';
import { sessionDays } from './types.js';

/** Who gets a session, and how it came about. */
export interface SessionStart {
  readonly userId: string;
  readonly method: 'password' | 'passkey' | 'oidc';
  readonly address: string;
  readonly userAgent: string | null;
  /** A session that the same browser still holds; it ends. */
  readonly previousToken?: string | null;
  /** The hash that the password was compared with; where it has changed meanwhile there is no session. */
  readonly passwordHash?: string | null;
}

/**
 * Writes a session with a new token (no fixation), in the caller's transaction. Null where the user is suspended, a service
 * account, or has another password by now.
 */
export async function openSession(ctx: Ctx, tx: Tx, input: SessionStart): Promise<{ readonly token: string } | null> {
  const token = newSessionToken();
  const [started] = await tx.query(startText, [
    ctx.newId(),
    hashToken(token),
    input.userId,
    ctx.now(),
    input.address,
    input.userAgent?.slice(0, 300) ?? null,
    input.method,
    input.passwordHash ?? null,
  ]);
  if (started === undefined) return null;
  if (input.previousToken)
    await tx.query('delete from trellis.session where token_hash = $1', [hashToken(input.previousToken)]);
  return { token };
}

const startText = `insert into trellis.session (id, token_hash, user_id, created_at, last_seen_at, expires_at, address, user_agent, method)
select $1, $2, c.user_id, $4::timestamptz, $4::timestamptz, $4::timestamptz + interval '${sessionDays} days', $5, $6, $7
from trellis.credential c where c.user_id = $3 and c.active and c.kind = 'person' and ($8::text is null or c.password_hash = $8) for share
returning id`;
