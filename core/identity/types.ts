import type { Ctx, Tx, UserActor } from '../sdk/index.js';
import type { GroupChange, PersonChange } from './change-people.js';
import type { Directory } from './directory/types.js';
import type { ImpersonationApi } from './impersonation.js';
import type { Links, SignInLink } from './links.js';
import type { Oidc } from './oidc.js';
import type { Passkeys } from './passkeys.js';
import type { SignInPolicy } from './policy.js';
import type { Providers } from './providers.js';
import type { ServiceAccounts } from './service-accounts.js';
import type { SecondFactor } from './totp.js';
import type { UserSessions } from './user-sessions.js';

/** Nest injection token of `Identity`. */
export const IDENTITY = Symbol('IDENTITY');

/** The role whose holders may do everything, users and roles included. */
export const administratorRole = 'core.administrator';

/** Days without use after which a session ends. */
export const sessionDays = 14;

/** Who a token or key stands for. */
export interface Authenticated {
  readonly actor: UserActor & { readonly credential: NonNullable<UserActor['credential']> };
  readonly email: string;
  /** The user's own language and zone, or null. */
  readonly locale: string | null;
  readonly zone: string | null;
  /** Must choose a new password before anything else. */
  readonly mustChange: boolean;
  /** Must set up a second factor before anything else. */
  readonly mustEnrol: boolean;
  /** When the credential ends if it is not used again; null: never. While somebody acts as the user, it ends then in any case. */
  readonly expiresAt: Date | null;
  /** Epoch of the catalog at the time of loading. */
  readonly catalogEpoch: number;
}

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  /** A code of the app or a recovery code; absent at the first step. */
  readonly code?: string | null;
  /** The client's address as the edge believes it, never as the client claims it. */
  readonly address: string;
  readonly userAgent: string | null;
  /** A session that the same browser still holds; it ends with this sign-in. */
  readonly previousToken?: string | null;
}

export interface SessionInfo {
  readonly id: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
  /** The address it was started from. */
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** The one that asks. */
  readonly current: boolean;
  /** Name of the administrator who acts as the user in it, or null. */
  readonly actedBy: string | null;
}

export interface ApiKeyInfo {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface UserInfo {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly locale: string | null;
  readonly zone: string | null;
  readonly active: boolean;
  readonly roles: readonly string[];
  /** Ids of its teams. */
  readonly teams: readonly string[];
  readonly mustChangePassword: boolean;
  /** A service account has API keys and no other way in. */
  readonly kind: 'person' | 'service';
  /** False: invited and not yet there, or signs in elsewhere. */
  readonly hasPassword: boolean;
  /** Codes of an app are on. */
  readonly hasTotp: boolean;
  /** Id of the user that it reports to. */
  readonly reportsTo: string | null;
  readonly lastSeenAt: string | null;
}

export interface NewUser {
  readonly name: string;
  readonly email: string;
  /** Absent: `core.member`. */
  readonly roles?: readonly string[];
  readonly locale?: string;
  readonly zone?: string;
  /** Absent: a one-time password is made and must be changed. */
  readonly password?: string;
  /** No password is made; the user chooses one by a link, mailed where a mail server is configured. */
  readonly invite?: boolean;
  /** Id of the user that it reports to; null or absent: nobody. */
  readonly reportsTo?: string | null;
}

/** Users' credentials, sessions, API keys and roles. */
export interface Identity {
  /**
   * Throws auth.failed for whatever is wrong, auth.too_many_attempts (limited) where too much was tried; with the right password
   * auth.totp_required, auth.totp_failed, auth.passkey_required.
   */
  signIn(ctx: Ctx, input: SignInInput): Promise<{ token: string; authenticated: Authenticated }>;
  /** Ends the session by which the actor of `ctx` signed in. */
  signOut(ctx: Ctx): Promise<void>;
  /** Throws auth.failed where `current` is wrong, password.* where `next` will not do. Ends all other sessions and the API keys. */
  changePassword(
    ctx: Ctx,
    input: { current: string; next: string; address: string },
  ): Promise<{ endedSessions: number; endedKeys: number }>;

  /** The actor's own language and zone; null: the workspace's. Throws field.choice, user.zone, auth.session_required. */
  setPreferences(ctx: Ctx, input: { locale?: string | null; zone?: string | null }): Promise<void>;

  /** The holder of a session token or API key as last loaded, or undefined: ask `authenticate`. Never goes to the database. */
  cached(token: string): Authenticated | undefined;
  /** The holder of a session token or API key as of now, or null. */
  authenticate(token: string): Promise<Authenticated | null>;
  /** Drops what is cached of a credential; the next request loads it again. */
  forget(credentialId: string): void;
  /** The user as of now, or null where there is none, it is not active, or the credential has ended. */
  load(
    userId: string,
    credential: UserActor['credential'],
    scopes: readonly string[] | null,
  ): Promise<UserActor | null>;
  /** Users by id as the transaction sees them, without a credential; those that are not active are left out. One statement. */
  loadAll(userIds: readonly string[], tx: Tx): Promise<Map<string, UserActor>>;

  listSessions(ctx: Ctx): Promise<SessionInfo[]>;
  /** Throws session.not_found where it is not the actor's own. */
  endSession(ctx: Ctx, input: { id: string }): Promise<void>;
  /** Ends the actor's own sessions, but for the one that asks. */
  endOtherSessions(ctx: Ctx): Promise<{ endedSessions: number }>;
  createApiKey(
    ctx: Ctx,
    input: { name: string; scopes?: readonly string[] | null; expiresAt?: string | null },
  ): Promise<{ id: string; key: string }>;
  listApiKeys(ctx: Ctx): Promise<ApiKeyInfo[]>;
  /** Throws api_key.not_found where it is not the actor's own. */
  deleteApiKey(ctx: Ctx, input: { id: string }): Promise<void>;

  /** Links by which people choose a password. */
  readonly links: Links;
  /** Codes of an app, after the password. */
  readonly secondFactor: SecondFactor;
  readonly passkeys: Passkeys;
  readonly oidc: Oidc;
  readonly providers: Providers;
  readonly serviceAccounts: ServiceAccounts;
  /** Administrators acting as users. */
  readonly impersonation: ImpersonationApi;
  /** Users and groups that a directory elsewhere keeps (SCIM). */
  readonly directory: Directory;
  /** What is demanded at sign-in. Administrators only. */
  readPolicy(ctx: Ctx): Promise<SignInPolicy>;
  /** Throws role.unknown. Administrators only. */
  changePolicy(ctx: Ctx, input: Partial<SignInPolicy>): Promise<SignInPolicy>;
  /** Sessions and keys of others, for administrators. */
  readonly userSessions: UserSessions;
  /** Somebody forgot a password: the same answer for every address. Throws auth.too_many_attempts. */
  requestReset(ctx: Ctx, input: { email: string; address: string }): Promise<void>;

  /** Administrators only, like all below. Returns the one-time password where none was given. */
  createUser(ctx: Ctx, input: NewUser): Promise<{ id: string; password: string | null; link: SignInLink | null }>;
  listUsers(ctx: Ctx): Promise<UserInfo[]>;
  /** Throws user.last_administrator where nobody would be left to administer. */
  setRoles(ctx: Ctx, input: { userId: string; roles: readonly string[] }): Promise<void>;
  /**
   * Changes what decides over what people reach, in the transaction of the context. Throws as `setRoles`, user.reports_cycle,
   * team.not_found, territory.cycle, and record.restricted where other territories are part of one that goes.
   */
  changePeople(
    inside: Ctx & { readonly tx: Tx },
    changes: { readonly users?: readonly PersonChange[]; readonly groups?: readonly GroupChange[] },
  ): Promise<void>;
  /** A new one-time password; ends the user's sessions and keys. */
  resetPassword(ctx: Ctx, input: { userId: string }): Promise<{ password: string }>;

  /** Makes the first administrator where there is none; `announce` gets the one-time password exactly then. */
  ensureAdministrator(
    ctx: Ctx,
    input: {
      email: string | null;
      password: string | null;
      announce(account: { email: string; password: string }): void;
    },
  ): Promise<void>;
  /** Writes what is still to be written; for shutdown. */
  close(): Promise<void>;
}
