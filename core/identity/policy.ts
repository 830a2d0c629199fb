import type { Ctx } from '../sdk/index.js';
import { requireAdministrator } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import { actorId } from './user-rows.js';
import { checkRoles } from './users.js';

/** What the workspace demands of everybody who signs in by password. */
export interface SignInPolicy {
  /** Ids of roles whose holders need a second factor. */
  readonly secondFactorRoles: readonly string[];
}

/** The policy as it stands. Administrators only. */
export async function readPolicy(deps: IdentityDeps, ctx: Ctx): Promise<SignInPolicy> {
  requireAdministrator(ctx);
  const [row] = await deps.database.query<{ factor_roles: string[] }>({
    text: 'select factor_roles from trellis.sign_in_policy',
    values: [],
  });
  return { secondFactorRoles: row?.factor_roles ?? [] };
}

/**
 * Changes the policy; it counts at once on every node, for sessions that are open too: their users must set up a second factor
 * before anything else. Throws role.unknown.
 */
export async function changePolicy(deps: IdentityDeps, ctx: Ctx, input: SignInPolicy): Promise<SignInPolicy> {
  requireAdministrator(ctx);
  checkRoles(deps, input.secondFactorRoles);
  const roles = [...new Set(input.secondFactorRoles)].sort();
  const changed = await deps.database.transaction(async (tx) => {
    const [before] = await tx.query<{ factor_roles: string[] }>(
      'select factor_roles from trellis.sign_in_policy for update',
    );
    await tx.query('update trellis.sign_in_policy set factor_roles = $1', [roles]);
    await deps.audit.append(tx, {
      kind: 'signInPolicy.changed',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { before: { secondFactorRoles: before.factor_roles }, after: { secondFactorRoles: roles } },
    });
    const touched = [...before.factor_roles, ...roles].filter(
      (role) => before.factor_roles.includes(role) !== roles.includes(role),
    );
    return tx.query<{ user_id: string }>(
      `update trellis.credential c set security_epoch = security_epoch + 1
where c.user_id in (select r.user_id from trellis.user_role r where r.role = any($1)) returning c.user_id`,
      [touched],
    );
  });
  for (const { user_id } of changed) deps.cache.forgetUser(user_id);
  return { secondFactorRoles: roles };
}
