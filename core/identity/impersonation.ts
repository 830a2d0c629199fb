import { denied, invalid, missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Ctx } from '../sdk/index.js';
import { authenticate } from './actors.js';
import { requireAdministrator } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import { requireSession } from './sessions.js';
import { hashToken, isSessionToken, newSessionToken } from './tokens.js';
import { administratorRole } from './types.js';

/** Minutes after which acting as somebody ends. */
const actingMinutes = 60;

/**
 * An administrator acts as a user: in a session of its own, with the user's rights and no others, for an hour at most. It ends with the
 * administrator's session, and when roles, password or state of either side change; history says who acted.
 */
export interface ImpersonationApi {
  /**
   * Signed-in administrators only. Throws user.not_found, impersonation.reason, impersonation.off, impersonation.not_possible for an
   * administrator, a service account, somebody suspended, and oneself.
   */
  begin(
    ctx: Ctx,
    input: { userId: string; reason: string; address: string; userAgent: string | null },
  ): Promise<{ token: string; until: Date }>;
  /** Ends the session of `token` where somebody acts in it; answers whether `own` is a session to go back to. Never throws for tokens. */
  end(input: { token: string | null; own: string | null }): Promise<{ goesBack: boolean }>;
}

/** Makes its functions. */
export function createImpersonation(deps: IdentityDeps): ImpersonationApi {
  return { begin: (ctx, input) => begin(deps, ctx, input), end: (input) => end(deps, input) };
}

async function begin(
  deps: IdentityDeps,
  ctx: Ctx,
  input: Parameters<ImpersonationApi['begin']>[1],
): ReturnType<ImpersonationApi['begin']> {
  requireAdministrator(ctx);
  const actor = requireSession(ctx);
  const reason = input.reason.trim();
  if (reason === '' || reason.length > 500)
    throw invalid('impersonation.reason', 'Say why, in at most 500 characters.', {
      issues: [{ path: '/reason', code: 'impersonation.reason', message: 'Say why, in at most 500 characters.' }],
    });
  const token = newSessionToken();
  const until = new Date(ctx.now().getTime() + actingMinutes * 60_000);
  await deps.database.transaction(async (tx) => {
    const [policy] = await tx.query<{ impersonation: boolean }>(
      'select impersonation from trellis.sign_in_policy for share',
    );
    if (!policy.impersonation)
      throw denied('impersonation.off', 'Acting as users is switched off here.', {
        hint: 'Settings → Sign-in switches it on.',
      });
    const [user] = isUuid(input.userId)
      ? await tx.query<{ active: boolean; kind: string; roles: string[] }>(userText, [input.userId])
      : [];
    if (user === undefined) throw missing('user.not_found', 'There is no such user.');
    if (
      !user.active ||
      user.kind !== 'person' ||
      user.roles.includes(administratorRole) ||
      input.userId === actor.userId
    )
      throw denied('impersonation.not_possible', 'Nobody acts as this user.', {
        hint: 'It works for active people who are no administrators.',
      });
    const started = await tx.query(startText, [
      ctx.newId(),
      hashToken(token),
      input.userId,
      ctx.now(),
      until,
      input.address,
      input.userAgent?.slice(0, 300) ?? null,
      actor.userId,
      actor.credential.id,
      actor.securityEpoch,
    ]);
    // The administrator's own rights changed meanwhile.
    if (started.length === 0) throw denied('auth.required', 'You are not signed in any more.');
    await deps.audit.append(tx, {
      kind: 'impersonation.started',
      actor: actor.userId,
      requestId: ctx.requestId,
      payload: { user: input.userId, reason, until: until.toISOString(), address: input.address },
    });
  });
  return { token, until };
}

async function end(
  deps: IdentityDeps,
  { token, own }: Parameters<ImpersonationApi['end']>[0],
): ReturnType<ImpersonationApi['end']> {
  const isToken = token !== null && isSessionToken(token);
  if (isToken) {
    // That it ended is noted by the database, as wherever else such a session goes.
    const [ended] = await deps.database.query<{ id: string }>({
      text: 'delete from trellis.session where token_hash = $1 and acting_user is not null returning id',
      values: [hashToken(token)],
    });
    if (ended !== undefined) deps.cache.renew(ended.id, null);
    // Somebody who is signed in by now stays who it is.
    else if ((await authenticate(deps, token)) !== null) return { goesBack: false };
  }
  const before = own !== null && isSessionToken(own) ? await authenticate(deps, own) : null;
  return { goesBack: before !== null && !before.actor.actedBy };
}

const userText = `select c.active, c.kind, array(select r.role from trellis.user_role r where r.user_id = c.user_id) as roles
from trellis.credential c where c.user_id = $1 and c.email is not null for update of c`;

const startText = `insert into trellis.session (id, token_hash, user_id, created_at, last_seen_at, expires_at, address, user_agent, method,
  acting_user, acting_session, acting_epoch, own_epoch)
select $1, $2, c.user_id, $4::timestamptz, $4::timestamptz, $5::timestamptz, $6, $7, 'impersonation', a.user_id, s.id, a.security_epoch, c.security_epoch
from trellis.credential c, trellis.credential a, trellis.session s
where c.user_id = $3 and a.user_id = $8 and a.active and a.security_epoch = $10 and s.id = $9 and s.user_id = a.user_id and s.expires_at > $4
returning id`;
