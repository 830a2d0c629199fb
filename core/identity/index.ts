/**
 * Who somebody is: credentials, sessions, API keys, roles of users, the first administrator. Owns trellis.credential,
 * user_role, team_member, territory_tree, session, api_key, sign_in_attempt,
 * sign_in_link, totp, recovery_code, sign_in_policy, passkey, spent_challenge,
 * identity_provider, external_identity, and directory_user, _group, _member and _role. Never decides what an actor may read or write (access
 * does), never knows HTTP.
 * Invariants: tokens, keys and passwords are stored as hashes only; credentials follow the records of users, teams and territories
 * inside the same transaction; every change of rights raises the user's security epoch; somebody can always administer.
 */
export {
  isAdministrator,
  lockAdministrators,
  requireAdministrator,
  requireOtherAdministrator,
} from './administrators.js';
export { mustSetUp } from './actors.js';
export { addressBucket, cleanAttempts } from './attempts.js';
export type { GroupChange, PersonChange } from './change-people.js';
export { createIdentity, type IdentityOptions } from './create-identity.js';
export type { Comparison, Condition, Plain } from './directory/condition.js';
export { meets } from './directory/condition.js';
export type { DirectoryGroup, DirectoryGroupInput, DirectoryUser, DirectoryUserInput } from './directory/types.js';
export { IdentityModule } from './identity.module.js';
export { cleanIdentityJob } from './clean-identity.js';
export { notOnBehalf } from './sessions.js';
export type { ImpersonationApi } from './impersonation.js';
export type { LinkKind, Links, SignInLink } from './links.js';
export { rotateSignInSecrets } from './rotate-sign-in-secrets.js';
export { requireSession, requireUser } from './sessions.js';
export type { PasskeyInfo, PasskeyOptions, Passkeys } from './passkeys.js';
export type { Oidc } from './oidc.js';
export type { ProviderInfo, Providers, ProviderSettings } from './providers.js';
export type { SignInPolicy } from './policy.js';
export type { ServiceAccounts } from './service-accounts.js';
export type { SecondFactor } from './totp.js';
export { signInTraces } from './traces.js';
export type { UserSessions } from './user-sessions.js';
export {
  administratorRole,
  IDENTITY,
  sessionDays,
  type ApiKeyInfo,
  type Authenticated,
  type Identity,
  type NewUser,
  type SessionInfo,
  type SignInInput,
  type UserInfo,
} from './types.js';
