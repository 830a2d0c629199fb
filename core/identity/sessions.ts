import { denied, invalid, missing } from '../base/errors.js';
import type { Ctx, Tx, UserActor } from '../sdk/index.js';
import { countAttempt, forgiveAttempt } from './attempts.js';
import type { IdentityDeps } from './deps.js';
import { checkPassword } from './password-rules.js';
import { wrongCredentials } from './credentials.js';
import type { SessionInfo } from './types.js';

/** The signed-in user of `ctx`. Throws auth.required for anybody else. */
export function requireUser(ctx: Ctx): UserActor {
  if (ctx.actor.kind !== 'user') throw denied('auth.required', 'Sign in first.');
  return ctx.actor;
}

/** The user of `ctx`, signed in by password: an API key may not change credentials. Throws auth.session_required. */
export function requireSession(ctx: Ctx): UserActor & { credential: NonNullable<UserActor['credential']> } {
  const actor = requireUser(ctx);
  if (actor.actedBy) throw notOnBehalf();
  if (actor.credential?.kind !== 'session')
    throw denied('auth.session_required', 'This needs a sign-in with a password; an API key may not do it.');
  return actor as UserActor & { credential: NonNullable<UserActor['credential']> };
}

/** The refusal of what is the user's own business, to whoever acts as the user. */
export function notOnBehalf(): Error {
  return denied('impersonation.not_allowed', 'This is the user’s own business; nobody does it on the user’s behalf.', {
    hint: 'End acting as the user first.',
  });
}

/** Ends the session of `ctx`. Throws impersonation.not_allowed: acting as somebody is ended by its own door. */
export async function signOut(deps: IdentityDeps, ctx: Ctx): Promise<void> {
  const actor = requireSession(ctx);
  await deps.database.transaction(async (tx) => {
    await tx.query('delete from trellis.session where id = $1', [actor.credential.id]);
    await deps.audit.append(tx, { kind: 'session.ended', actor: actor.userId, requestId: ctx.requestId, payload: {} });
  });
  deps.cache.renew(actor.credential.id, null);
}

/** The actor's own sessions, the latest used first. */
export async function listSessions(deps: IdentityDeps, ctx: Ctx): Promise<SessionInfo[]> {
  const actor = requireUser(ctx);
  return sessionsOf(deps, actor.userId, actor.credential?.id ?? null);
}

/** Sessions of a user; `currentId` is the one that asks. */
export async function sessionsOf(deps: IdentityDeps, userId: string, currentId: string | null): Promise<SessionInfo[]> {
  const rows = await deps.database.query<
    Record<'id' | 'address' | 'user_agent', string> & { acted_by: string | null } & Record<
        'created_at' | 'last_seen_at' | 'expires_at',
        Date
      >
  >({
    text: `select s.id, s.created_at, s.last_seen_at, s.expires_at, s.address, s.user_agent, a.name as acted_by from trellis.session s
left join trellis.credential a on a.user_id = s.acting_user where s.user_id = $1 and s.expires_at > now() order by s.last_seen_at desc, s.id desc limit 200`,
    values: [userId],
  });
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    ip: row.address,
    userAgent: row.user_agent,
    current: row.id === currentId,
    actedBy: row.acted_by,
  }));
}

/** Ends one of the actor's own sessions. Throws session.not_found. */
export async function endSession(deps: IdentityDeps, ctx: Ctx, input: { id: string }): Promise<void> {
  const actor = requireSession(ctx);
  await deps.database.transaction(async (tx) => {
    const ended = await tx.query('delete from trellis.session where id::text = $1 and user_id = $2 returning id', [
      input.id,
      actor.userId,
    ]);
    if (ended.length === 0) throw missing('session.not_found', 'There is no such session.');
    await deps.audit.append(tx, {
      kind: 'session.revoked',
      actor: actor.userId,
      requestId: ctx.requestId,
      payload: { id: input.id, user: actor.userId },
    });
  });
  deps.cache.renew(input.id, null);
}

/** Ends the actor's own sessions, but for the one that asks; keys stay. Returns how many. */
export async function endOtherSessions(deps: IdentityDeps, ctx: Ctx): Promise<{ endedSessions: number }> {
  const actor = requireSession(ctx);
  const endedSessions = await deps.database.transaction(async (tx) => {
    const ended = await endOthers(tx, actor);
    if (ended > 0)
      await deps.audit.append(tx, {
        kind: 'sessions.revoked',
        actor: actor.userId,
        requestId: ctx.requestId,
        payload: { user: actor.userId, endedSessions: ended },
      });
    return ended;
  });
  deps.cache.forgetUser(actor.userId);
  return { endedSessions };
}

async function endOthers(tx: Tx, { userId, credential }: ReturnType<typeof requireSession>): Promise<number> {
  const ended = await tx.query('delete from trellis.session where user_id = $1 and id <> $2 returning id', [
    userId,
    credential.id,
  ]);
  return ended.length;
}

/**
 * Changes the actor's own password; its other sessions and its API keys end, and statements under way with them fail.
 * Throws auth.failed where `current` is wrong, password.* where `next` will not do.
 */
export async function changePassword(
  deps: IdentityDeps,
  ctx: Ctx,
  input: { current: string; next: string; address: string },
): Promise<{ endedSessions: number; endedKeys: number }> {
  const actor = requireSession(ctx);
  const [account] = await deps.database.query<{ email: string | null; password_hash: string | null }>({
    text: 'select email, password_hash from trellis.credential where user_id = $1 and active',
    values: [actor.userId],
  });
  const attempt = { email: account?.email ?? '', address: input.address };
  await countAttempt(deps.database, { ...attempt, now: ctx.now(), onLimit: async () => undefined });
  if (!(await deps.hasher.verify(account?.password_hash ?? null, input.current))) throw wrongCredentials();
  checkPassword({ password: input.next, email: attempt.email, path: '/password' });
  if (input.next === input.current)
    throw invalid('password.unchanged', 'The new password must differ from the current one.', {
      issues: [
        {
          path: '/password',
          code: 'password.unchanged',
          message: 'The new password must differ from the current one.',
        },
      ],
    });
  const hash = await deps.hasher.hash(input.next);
  const ended = await deps.database.transaction(async (tx) => {
    const changed = await tx.query(
      'update trellis.credential set password_hash = $2, must_change = false, security_epoch = security_epoch + 1, updated_at = now() where user_id = $1 and active and password_hash = $3 returning user_id',
      [actor.userId, hash, account?.password_hash],
    );
    if (changed.length === 0) throw wrongCredentials();
    const endedSessions = await endOthers(tx, actor);
    const keys = await tx.query('delete from trellis.api_key where user_id = $1 returning id', [actor.userId]);
    await forgiveAttempt(tx, attempt);
    await deps.audit.append(tx, {
      kind: 'password.changed',
      actor: actor.userId,
      requestId: ctx.requestId,
      payload: { endedSessions, endedKeys: keys.length },
    });
    return { endedSessions, endedKeys: keys.length };
  });
  deps.cache.forgetUser(actor.userId);
  return ended;
}
