import { conflict, missing } from '../base/errors.js';
import type { Ctx, Tx } from '../sdk/index.js';
import { requireAdministrator } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import { checkPassword } from './password-rules.js';
import { hashToken, newSessionToken } from './tokens.js';
import { actorId, endAll } from './user-rows.js';

/** Hours that a link counts. */
const hours = { invite: 7 * 24, reset: 1 } as const;

/** An invitation to choose the first password, or a way to choose another one. */
export type LinkKind = keyof typeof hours;

/** A link made for somebody. It is worth as much as the password until it is used. */
export interface SignInLink {
  readonly kind: LinkKind;
  /** Absolute, from the configuration. The token stands behind `#`, where neither logs nor referrers see it. */
  readonly url: string;
  readonly expiresAt: string;
  /** A mail with it is on its way; false: no mail server is configured, so somebody has to hand it over. */
  readonly isMailed: boolean;
}

/** Links by which people choose a password. */
export interface Links {
  /**
   * Makes a link for a user and mails it: an invitation where there is no password yet, else a reset. An earlier link ends.
   * Administrators only. Throws user.not_found, user.suspended, user.is_service.
   */
  make(ctx: Ctx, input: { userId: string }): Promise<SignInLink>;
  /** Whom a link is for. Throws link.invalid where it is unknown, used, over, or its user is suspended or has another address. */
  read(ctx: Ctx, input: { token: string }): Promise<{ kind: LinkKind; name: string; email: string }>;
  /** Sets the password and ends the link, all sessions and all keys of the user. Throws link.invalid, password.*. */
  choosePassword(ctx: Ctx, input: { token: string; password: string }): Promise<{ email: string }>;
}

/** Makes the functions of links. */
export function createLinks(deps: IdentityDeps): Links {
  return {
    make: (ctx, input) => makeLink(deps, ctx, input),
    async read(_ctx, input) {
      const [row] = await deps.database.query<LinkRow>({ text: findText, values: [hashToken(input.token)] });
      if (row === undefined) throw invalidLink();
      return { kind: row.kind, name: row.name, email: row.email };
    },
    choosePassword: (ctx, input) => choosePassword(deps, ctx, input),
  };
}

/** Writes a link and the mail that carries it, in the transaction of `ctx`. `id` makes a repeat the same link. */
export async function writeLink(
  ctx: Ctx & { readonly tx: Tx },
  input: { id: string; kind: LinkKind; user: LinkUser; invitedBy?: string },
): Promise<SignInLink> {
  const { user, kind } = input;
  const token = newSessionToken();
  const expiresAt = new Date(ctx.now().getTime() + hours[kind] * 3_600_000);
  await ctx.tx.query(
    'insert into trellis.sign_in_link (id, token_hash, user_id, kind, email, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)',
    [input.id, hashToken(token), user.user_id, kind, user.email, ctx.now(), expiresAt],
  );
  const url = ctx.mail.url(`/choose-password#${token}`);
  await ctx.mail.send(ctx, {
    to: { email: user.email, name: user.name },
    template: kind === 'invite' ? 'core.invite' : 'core.reset-password',
    data: {
      name: user.name,
      email: user.email,
      url,
      invitedBy: input.invitedBy ?? null,
      expiresAt: expiresAt.toISOString(),
    },
    locale: user.locale ?? undefined,
    zone: user.zone ?? undefined,
    idempotencyKey: `link:${input.id}`,
    expiresAt,
  });
  return { kind, url, expiresAt: expiresAt.toISOString(), isMailed: ctx.mail.isConfigured };
}

/** Whom a link is written for. */
export interface LinkUser {
  readonly user_id: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string | null;
  readonly zone: string | null;
}

/** Columns of a `LinkUser`, of `trellis.credential c`. */
export const linkUserColumns = 'c.user_id, c.name, c.email, c.locale, c.zone';

async function makeLink(deps: IdentityDeps, ctx: Ctx, input: { userId: string }): Promise<SignInLink> {
  requireAdministrator(ctx);
  return ctx.records.transaction(ctx, async (inside) => {
    const user = await requirePerson(inside.tx, input.userId);
    const kind = user.has_password ? 'reset' : 'invite';
    await inside.tx.query('delete from trellis.sign_in_link where user_id = $1', [user.user_id]);
    const invitedBy = ctx.actor.kind === 'user' ? ctx.actor.name : undefined;
    const link = await writeLink(inside, { id: ctx.newId(), kind, user, invitedBy });
    await deps.audit.append(inside.tx, {
      kind: kind === 'invite' ? 'user.invited' : 'password.linkMade',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { id: user.user_id, email: user.email, expiresAt: link.expiresAt },
    });
    return link;
  });
}

async function requirePerson(tx: Tx, userId: string): Promise<LinkUser & { has_password: boolean }> {
  const [user] = await tx.query<LinkUser & { has_password: boolean; active: boolean; kind: string }>(
    `select ${linkUserColumns}, c.active, c.kind, c.password_hash is not null as has_password
from trellis.credential c where c.user_id::text = $1 and c.email is not null for update`,
    [userId],
  );
  if (user === undefined) throw missing('user.not_found', 'There is no such user.');
  requireCanSignIn(user);
  return user;
}

/** Throws user.suspended, user.is_service for somebody who cannot sign in by password. */
export function requireCanSignIn(user: { active: boolean; kind: string }): void {
  if (user.kind === 'service') throw conflict('user.is_service', 'A service account signs in by API keys only.');
  if (!user.active) throw conflict('user.suspended', 'This user is suspended.');
}

async function choosePassword(
  deps: IdentityDeps,
  ctx: Ctx,
  input: { token: string; password: string },
): Promise<{ email: string }> {
  const [link] = await deps.database.query<LinkRow>({ text: findText, values: [hashToken(input.token)] });
  if (link === undefined) throw invalidLink();
  checkPassword({ password: input.password, email: link.email });
  const hash = await deps.hasher.hash(input.password);
  await deps.database.transaction(async (tx) => {
    // Whoever deletes the row has the link; the second of two gets none.
    const [used] = await tx.query<{ user_id: string; kind: LinkKind }>(takeText, [hashToken(input.token)]);
    if (used === undefined) throw invalidLink();
    const changed = await tx.query(
      'update trellis.credential set password_hash = $2, must_change = false, security_epoch = security_epoch + 1, updated_at = now() where user_id = $1 and active returning user_id',
      [used.user_id, hash],
    );
    if (changed.length === 0) throw invalidLink();
    await endAll(tx, [used.user_id]);
    await tx.query('delete from trellis.sign_in_link where user_id = $1', [used.user_id]);
    await deps.audit.append(tx, {
      kind: 'password.chosen',
      actor: used.user_id,
      requestId: ctx.requestId,
      payload: { id: used.user_id, by: used.kind },
    });
  });
  deps.cache.forgetUser(link.user_id);
  return { email: link.email };
}

interface LinkRow {
  user_id: string;
  kind: LinkKind;
  name: string;
  email: string;
}

/** The one answer to every link that will not do. */
function invalidLink(): Error {
  return missing('link.invalid', 'This link is no longer valid.', {
    hint: 'Links work once and for a limited time. Ask for a new one.',
  });
}

const usable = `c.user_id = l.user_id and c.active and c.kind = 'person' and c.email = l.email and l.token_hash = $1 and l.expires_at > now()`;

const findText = `select l.user_id, l.kind, c.name, c.email from trellis.sign_in_link l, trellis.credential c where ${usable}`;

const takeText = `delete from trellis.sign_in_link l using trellis.credential c where ${usable} returning l.user_id, l.kind`;
