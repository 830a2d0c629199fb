import type { AuditLog, HookRegistry } from '../sdk/index.js';
import type { Log } from '../base/log.js';
import type { CatalogService } from '../catalog/index.js';
import type { Database, Secrets } from '../storage/index.js';
import { authenticate, cachedHolder, loadActor, loadActors } from './actors.js';
import { createApiKey, deleteApiKey, listApiKeys } from './api-keys.js';
import { changePeople } from './change-people.js';
import { createCredentialCache } from './credential-cache.js';
import type { IdentityDeps } from './deps.js';
import { createDirectory } from './directory/create-directory.js';
import { ensureAdministrator } from './first-administrator.js';
import { createHasher } from './hash.js';
import { createImpersonation } from './impersonation.js';
import { createLinks } from './links.js';
import { createOidc } from './oidc.js';
import { createPasskeys } from './passkeys.js';
import { changePolicy, readPolicy } from './policy.js';
import { setPreferences } from './preferences.js';
import { registerIdentityHooks } from './record-hooks.js';
import { createProviders } from './providers.js';
import { requestReset } from './reset-requests.js';
import { createServiceAccounts } from './service-accounts.js';
import { changePassword, endOtherSessions, endSession, listSessions, signOut } from './sessions.js';
import { signIn } from './sign-in.js';
import { createSecondFactor } from './totp.js';
import { createToucher } from './toucher.js';
import type { Identity } from './types.js';
import { createUserSessions } from './user-sessions.js';
import { requireUserRow } from './user-rows.js';
import { createUser, listUsers, resetPassword, setRoles } from './users.js';

/** What this room leans on. */
export interface IdentityOptions {
  readonly database: Database;
  readonly catalog: CatalogService;
  readonly audit: AuditLog;
  readonly hooks: HookRegistry;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly publicUrl: string | null;
}

/** Composes the room and registers its hooks on users and teams. */
export function createIdentity(options: IdentityOptions): Identity {
  const { database, catalog, audit, log, secrets } = options;
  const toucher = createToucher({ database, log, now: () => new Date() });
  const deps: IdentityDeps = {
    database,
    audit,
    log,
    hasher: createHasher(),
    cache: createCredentialCache(),
    toucher,
    secrets,
    publicUrl: options.publicUrl,
    requireUser: requireUserRow,
    roleIds: () => new Set(catalog.current.definitions('role').keys()),
    entityIds: () => catalog.current.schema.entities.keys(),
  };
  registerIdentityHooks(deps, options.hooks);
  return {
    signIn: (ctx, input) => signIn(deps, ctx, input),
    signOut: (ctx) => signOut(deps, ctx),
    changePassword: (ctx, input) => changePassword(deps, ctx, input),
    setPreferences: (ctx, input) => setPreferences(ctx, input),
    cached: (token) => cachedHolder(deps, token),
    authenticate: (token) => authenticate(deps, token),
    forget: (credentialId) => deps.cache.renew(credentialId, null),
    load: (userId, credential, scopes) => loadActor(deps, { userId, credential, scopes }),
    loadAll: (userIds, tx) => loadActors(tx, userIds),
    listSessions: (ctx) => listSessions(deps, ctx),
    endSession: (ctx, input) => endSession(deps, ctx, input),
    endOtherSessions: (ctx) => endOtherSessions(deps, ctx),
    createApiKey: (ctx, input) => createApiKey(deps, ctx, input),
    listApiKeys: (ctx) => listApiKeys(deps, ctx),
    deleteApiKey: (ctx, input) => deleteApiKey(deps, ctx, input),
    links: createLinks(deps),
    secondFactor: createSecondFactor(deps),
    passkeys: createPasskeys(deps),
    oidc: createOidc(deps),
    providers: createProviders(deps),
    serviceAccounts: createServiceAccounts(deps),
    impersonation: createImpersonation(deps),
    directory: createDirectory(deps),
    readPolicy: (ctx) => readPolicy(deps, ctx),
    changePolicy: (ctx, input) => changePolicy(deps, ctx, input),
    userSessions: createUserSessions(deps),
    requestReset: (ctx, input) => requestReset(deps, ctx, input),
    createUser: (ctx, input) => createUser(deps, ctx, input),
    listUsers: (ctx) => listUsers(deps, ctx),
    setRoles: (ctx, input) => setRoles(deps, ctx, input),
    changePeople: (inside, changes) => changePeople(deps, inside, changes),
    resetPassword: (ctx, input) => resetPassword(deps, ctx, input),
    ensureAdministrator: (ctx, input) => ensureAdministrator(deps, ctx, input),
    close: () => toucher.close(),
  };
}
