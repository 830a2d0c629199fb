import { didYouMean } from '../base/suggest.js';
import { invalid, missing } from '../base/errors.js';
import type { Ctx, RecordData, Tx } from '../sdk/index.js';
import { lockAdministrators, requireAdministrator, requireAnAdministrator } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import { actorId, endAll } from './user-rows.js';
import { writeLink, type SignInLink } from './links.js';
import { checkPassword } from './password-rules.js';
import { normalizeEmail } from './credentials.js';
import { newOneTimePassword } from './tokens.js';
import type { NewUser, UserInfo } from './types.js';

/** Makes the user's record, credential and roles in one transaction. Returns the one-time password where none was given. */
export async function createUser(
  deps: IdentityDeps,
  ctx: Ctx,
  input: NewUser,
): Promise<{ id: string; password: string | null; link: SignInLink | null }> {
  requireAdministrator(ctx);
  const roles = input.roles ?? ['core.member'];
  checkRoles(deps, roles);
  if (input.invite === true) return inviteUser(deps, ctx, { ...input, roles });
  if (input.password !== undefined) checkPassword({ password: input.password, email: normalizeEmail(input.email) });
  const oneTime = input.password === undefined ? newOneTimePassword() : null;
  const hash = await deps.hasher.hash(oneTime ?? (input.password as string));
  const id = await ctx.records.transaction(ctx, (inside) =>
    insertUser(deps, inside, { ...input, roles, hash, mustChange: oneTime !== null }),
  );
  return { id, password: oneTime, link: null };
}

/** A user without a password, and the link to choose one. */
async function inviteUser(
  deps: IdentityDeps,
  ctx: Ctx,
  input: NewUser & { roles: readonly string[] },
): Promise<{ id: string; password: null; link: SignInLink }> {
  return ctx.records.transaction(ctx, async (inside) => {
    const id = await insertUser(deps, inside, { ...input, hash: null, mustChange: false });
    const user = {
      user_id: id,
      name: input.name,
      email: normalizeEmail(input.email),
      locale: input.locale ?? null,
      zone: input.zone ?? null,
    };
    const invitedBy = ctx.actor.kind === 'user' ? ctx.actor.name : undefined;
    const link = await writeLink(inside, { id: ctx.newId(), kind: 'invite', user, invitedBy });
    await deps.audit.append(inside.tx, {
      kind: 'user.invited',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { id, email: user.email, expiresAt: link.expiresAt },
    });
    return { id, password: null, link };
  });
}

/** The part of `createUser` inside the transaction; also makes the first administrator. */
export async function insertUser(
  deps: IdentityDeps,
  ctx: Ctx & { readonly tx: Tx },
  input: {
    name: string;
    email: string;
    locale?: string;
    zone?: string;
    roles: readonly string[];
    /** Null: no password yet, or never one. */
    hash: string | null;
    mustChange: boolean;
    kind?: 'person' | 'service';
    reportsTo?: string | null;
  },
): Promise<string> {
  const values: RecordData = { name: input.name, email: input.email };
  if (input.locale !== undefined) values.locale = input.locale;
  if (input.zone !== undefined) values.zone = input.zone;
  if (input.reportsTo) values.reportsTo = input.reportsTo;
  // The hook of this room on core.user makes the credential row.
  const record = await ctx.records.create(ctx.asSystem('make a user'), { entity: 'core.user', values });
  const id = record.id as string;
  const { tx } = ctx;
  await tx.query(
    'update trellis.credential set password_hash = $2, must_change = $3, kind = $4, updated_at = now() where user_id = $1',
    [id, input.hash, input.mustChange, input.kind ?? 'person'],
  );
  await tx.query('insert into trellis.user_role (user_id, role) select $1, role from unnest($2::text[]) role', [
    id,
    [...new Set(input.roles)],
  ]);
  await deps.audit.append(tx, {
    kind: 'user.created',
    actor: actorId(ctx),
    requestId: ctx.requestId,
    payload: { id, email: normalizeEmail(input.email), roles: [...input.roles] },
  });
  return id;
}

/** All users with their roles, by name. */
export async function listUsers(deps: IdentityDeps, ctx: Ctx): Promise<UserInfo[]> {
  requireAdministrator(ctx);
  const rows = await deps.database.query<{
    user_id: string;
    name: string;
    email: string | null;
    locale: string | null;
    zone: string | null;
    active: boolean;
    must_change: boolean;
    kind: UserInfo['kind'];
    has_password: boolean;
    has_totp: boolean;
    roles: string[];
    teams: string[];
    reports_to: string | null;
    last_seen_at: Date | null;
  }>({ text: listText, values: [] });
  return rows.map((row) => ({
    id: row.user_id,
    name: row.name,
    email: row.email,
    locale: row.locale,
    zone: row.zone,
    active: row.active,
    roles: row.roles,
    teams: row.teams,
    reportsTo: row.reports_to,
    mustChangePassword: row.must_change,
    kind: row.kind,
    hasPassword: row.has_password,
    hasTotp: row.has_totp,
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
  }));
}

/** Replaces the user's roles; counts at once on every node. Throws role.unknown, user.not_found, user.last_administrator. */
export async function setRoles(
  deps: IdentityDeps,
  ctx: Ctx,
  input: { userId: string; roles: readonly string[] },
): Promise<void> {
  requireAdministrator(ctx);
  checkRoles(deps, input.roles);
  await ctx.records.transaction(ctx, async ({ tx }) => {
    await lockAdministrators(tx);
    const [user] = await tx.query<{ before: string[] }>(
      `update trellis.credential c set security_epoch = security_epoch + 1, updated_at = now() where user_id::text = $1
returning array(select role from trellis.user_role r where r.user_id = c.user_id order by role) as before`,
      [input.userId],
    );
    if (user === undefined) throw missing('user.not_found', 'There is no such user.');
    await tx.query('delete from trellis.user_role where user_id = $1', [input.userId]);
    await tx.query('insert into trellis.user_role (user_id, role) select $1, role from unnest($2::text[]) role', [
      input.userId,
      [...new Set(input.roles)],
    ]);
    await requireAnAdministrator(tx);
    await deps.audit.append(tx, {
      kind: 'user.rolesChanged',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { id: input.userId, before: user.before, after: [...input.roles] },
    });
  });
  deps.cache.forgetUser(input.userId);
}

/** Gives a user a one-time password and ends its sessions and keys. Throws user.not_found. */
export async function resetPassword(
  deps: IdentityDeps,
  ctx: Ctx,
  input: { userId: string },
): Promise<{ password: string }> {
  requireAdministrator(ctx);
  const password = newOneTimePassword();
  const hash = await deps.hasher.hash(password);
  await ctx.records.transaction(ctx, async ({ tx }) => {
    const changed = await tx.query(
      `update trellis.credential set password_hash = $2, must_change = true, security_epoch = security_epoch + 1, updated_at = now() where user_id::text = $1 and kind = 'person' returning user_id`,
      [input.userId, hash],
    );
    if (changed.length === 0) throw missing('user.not_found', 'There is no such user.');
    await endAll(tx, [input.userId]);
    await deps.audit.append(tx, {
      kind: 'password.reset',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { id: input.userId },
    });
  });
  deps.cache.forgetUser(input.userId);
  return { password };
}

/** Throws role.unknown for a role that no definition has. */
export function checkRoles(deps: IdentityDeps, roles: readonly string[]): void {
  const known = deps.roleIds();
  roles.forEach((role, index) => {
    if (known.has(role)) return;
    const message = `There is no role "${role}".${didYouMean(role, known)}`;
    throw invalid('role.unknown', message, { issues: [{ path: `/roles/${index}`, code: 'role.unknown', message }] });
  });
}

const listText = `select c.user_id, c.name, c.email, c.locale, c.zone, c.active, c.must_change, c.kind, c.password_hash is not null as has_password,
  exists (select 1 from trellis.totp t where t.user_id = c.user_id and t.confirmed_at is not null) as has_totp,
  array(select r.role from trellis.user_role r where r.user_id = c.user_id order by r.role) as roles,
  array(select m.team_id from trellis.team_member m where m.user_id = c.user_id order by m.team_id) as teams,
  (select s.id from data.core__user u join data.core__user s on s.id = u.reports_to and s.deleted_at is null where u.id = c.user_id) as reports_to,
  greatest((select max(s.last_seen_at) from trellis.session s where s.user_id = c.user_id),
    (select max(k.last_used_at) from trellis.api_key k where k.user_id = c.user_id and c.kind = 'service')) as last_seen_at
from trellis.credential c where c.email is not null order by c.name, c.user_id limit 10000`;
