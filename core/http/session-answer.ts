import type { Config } from '../base/config.js';
import type { Authenticated } from '../identity/index.js';

/** What a signed-in user is told of the session: who it is, roles, language, and what has to be done first. */
export function describeSession(
  authenticated: Authenticated,
  { workspace }: Pick<Config, 'workspace'>,
): Record<string, unknown> {
  const { actor, email, locale, zone, mustChange, mustEnrol, expiresAt } = authenticated;
  return {
    user: { id: actor.userId, name: actor.name, email, locale, zone },
    roles: actor.roles,
    locale: locale ?? workspace.locale,
    zone: zone ?? workspace.zone,
    mustChangePassword: mustChange,
    mustSetUpSecondFactor: mustEnrol,
    // The administrator who acts as this user, and until when.
    impersonation: actor.actedBy
      ? { by: { id: actor.actedBy.userId, name: actor.actedBy.name }, until: expiresAt }
      : null,
  };
}
