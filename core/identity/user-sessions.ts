import { missing } from '../base/errors.js';
import type { Ctx } from '../sdk/index.js';
import { requireAdministrator } from './administrators.js';
import { keysOf } from './api-keys.js';
import type { IdentityDeps } from './deps.js';
import { sessionsOf } from './sessions.js';
import type { ApiKeyInfo, SessionInfo } from './types.js';
import { actorId, endAll } from './user-rows.js';

/** Sessions and keys of any user. Administrators only; all throw user.not_found for a user that is not there. */
export interface UserSessions {
  list(ctx: Ctx, input: { userId: string }): Promise<{ sessions: SessionInfo[]; keys: ApiKeyInfo[] }>;
  /** Ends one session or key at once, on every node. Throws session.not_found. */
  end(ctx: Ctx, input: { userId: string; id: string }): Promise<void>;
  /** Ends all sessions and keys of the user at once, on every node. */
  endAll(ctx: Ctx, input: { userId: string }): Promise<void>;
}

/** Makes the functions of others' sessions. */
export function createUserSessions(deps: IdentityDeps): UserSessions {
  return {
    async list(ctx, { userId }) {
      requireAdministrator(ctx);
      await deps.database.transaction((tx) => deps.requireUser(tx, userId));
      const [sessions, keys] = await Promise.all([sessionsOf(deps, userId, currentId(ctx)), keysOf(deps, userId)]);
      return { sessions, keys };
    },
    async end(ctx, { userId, id }) {
      requireAdministrator(ctx);
      await deps.database.transaction(async (tx) => {
        const [ended] = await tx.query<{ kind: string }>(endText, [id, userId]);
        if (ended === undefined) throw missing('session.not_found', 'There is no such session or key.');
        await deps.audit.append(tx, {
          kind: ended.kind === 'session' ? 'session.revoked' : 'apiKey.revoked',
          actor: actorId(ctx),
          requestId: ctx.requestId,
          payload: { id, user: userId },
        });
      });
      deps.cache.renew(id, null);
    },
    async endAll(ctx, { userId }) {
      requireAdministrator(ctx);
      await deps.database.transaction(async (tx) => {
        await deps.requireUser(tx, userId);
        await endAll(tx, [userId]);
        await deps.audit.append(tx, {
          kind: 'sessions.revoked',
          actor: actorId(ctx),
          requestId: ctx.requestId,
          payload: { user: userId },
        });
      });
      deps.cache.forgetUser(userId);
    },
  };
}

function currentId(ctx: Ctx): string | null {
  return ctx.actor.kind === 'user' ? (ctx.actor.credential?.id ?? null) : null;
}

const endText = `with s as (delete from trellis.session where id::text = $1 and user_id::text = $2 returning 'session' as kind),
k as (delete from trellis.api_key where id::text = $1 and user_id::text = $2 returning 'apiKey' as kind)
select kind from s union all select kind from k`;
