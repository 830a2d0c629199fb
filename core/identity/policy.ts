import type { Ctx } from '../sdk/index.js';
import { requireAdministrator } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import { actorId } from './user-rows.js';
import { checkRoles } from './users.js';

/** What the workspace demands of everybody who signs in by password. */
export interface SignInPolicy {
  /** Ids of roles whose holders need a second factor. */
  readonly secondFactorRoles: readonly string[];
  /** Administrators may act as users. */
  readonly impersonation: boolean;
}

/** The policy as it stands. Administrators only. */
export async function readPolicy(deps: IdentityDeps, ctx: Ctx): Promise<SignInPolicy> {
  requireAdministrator(ctx);
  const [row] = await deps.database.query<PolicyRow>({
    text: 'select factor_roles, impersonation from trellis.sign_in_policy',
    values: [],
  });
  return toPolicy(row);
}

/**
 * Changes what is given of the policy; it counts at once on every node, for sessions that are open too: their users must set up a second
 * factor before anything else, and nobody acts as a user any more. Throws role.unknown.
 */
export async function changePolicy(deps: IdentityDeps, ctx: Ctx, input: Partial<SignInPolicy>): Promise<SignInPolicy> {
  requireAdministrator(ctx);
  if (input.secondFactorRoles) checkRoles(deps, input.secondFactorRoles);
  const { changed, after } = await deps.database.transaction(async (tx) => {
    const [row] = await tx.query<PolicyRow>(
      'select factor_roles, impersonation from trellis.sign_in_policy for update',
    );
    const before = toPolicy(row);
    const roles = [...new Set(input.secondFactorRoles ?? before.secondFactorRoles)].sort();
    const next = { secondFactorRoles: roles, impersonation: input.impersonation ?? before.impersonation };
    await tx.query('update trellis.sign_in_policy set factor_roles = $1, impersonation = $2', [
      roles,
      next.impersonation,
    ]);
    await deps.audit.append(tx, {
      kind: 'signInPolicy.changed',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { before: { ...before, secondFactorRoles: [...before.secondFactorRoles] }, after: next },
    });
    const ended = next.impersonation
      ? []
      : await tx.query<{ user_id: string }>(
          'delete from trellis.session where acting_user is not null returning user_id',
        );
    const touched = [...before.secondFactorRoles, ...roles].filter(
      (role) => before.secondFactorRoles.includes(role) !== roles.includes(role),
    );
    const raised = await tx.query<{ user_id: string }>(
      `update trellis.credential c set security_epoch = security_epoch + 1
where c.user_id in (select r.user_id from trellis.user_role r where r.role = any($1)) returning c.user_id`,
      [touched],
    );
    return { changed: [...ended, ...raised], after: next };
  });
  for (const { user_id } of changed) deps.cache.forgetUser(user_id);
  return after;
}

interface PolicyRow {
  factor_roles: string[];
  impersonation: boolean;
}

function toPolicy(row: PolicyRow): SignInPolicy {
  return { secondFactorRoles: row.factor_roles, impersonation: row.impersonation };
}
