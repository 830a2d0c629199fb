import { didYouMean } from '../base/suggest.js';
import { conflict, invalid, missing } from '../base/errors.js';
import type { Ctx } from '../sdk/index.js';
import type { IdentityDeps } from './deps.js';
import { requireSession, requireUser } from './sessions.js';
import { hashToken, newApiKey } from './tokens.js';
import type { ApiKeyInfo } from './types.js';
import { actorId } from './user-rows.js';

/** Keys that one user may hold. */
const keyLimit = 100;

/**
 * Makes an API key that acts as its user, narrowed by its scopes. The key is returned once and stored as a hash.
 * Throws api_key.invalid with the issue, api_key.too_many.
 */
export async function createApiKey(
  deps: IdentityDeps,
  ctx: Ctx,
  input: KeyInput,
): Promise<{ id: string; key: string }> {
  return writeKey(deps, ctx, { ...input, userId: requireSession(ctx).userId });
}

/** What a new key is to be. */
export interface KeyInput {
  readonly name: string;
  readonly scopes?: readonly string[] | null;
  readonly expiresAt?: string | null;
  /** Of a service account: the scope `scim` may be among its scopes. */
  readonly isService?: boolean;
}

/** Writes a key of a user; the caller has seen to it that the actor of `ctx` may. Throws api_key.invalid, api_key.too_many. */
export async function writeKey(
  deps: IdentityDeps,
  ctx: Ctx,
  input: KeyInput & { readonly userId: string },
): Promise<{ id: string; key: string }> {
  const { userId } = input;
  const name = input.name.trim();
  if (name === '' || name.length > 100) throw refusal('/name', 'A key needs a name of at most 100 characters.');
  const scopes = input.scopes ?? null;
  if (scopes !== null) checkScopes(scopes, deps.entityIds(), input.isService === true);
  const expiresAt = input.expiresAt ? new Date(input.expiresAt) : null;
  if (expiresAt !== null && !(expiresAt.getTime() > ctx.now().getTime()))
    throw refusal('/expiresAt', 'expiresAt must be an instant in the future, e.g. 2030-01-31T00:00:00.000Z.');
  const id = ctx.newId();
  const key = newApiKey(id);
  await deps.database.transaction(async (tx) => {
    const [count] = await tx.query<{ n: number }>(
      'select count(*)::integer as n from trellis.api_key where user_id = $1',
      [userId],
    );
    if (count.n >= keyLimit)
      throw conflict('api_key.too_many', `You hold ${keyLimit} keys already.`, {
        hint: 'Delete one that is no longer used.',
      });
    await tx.query(
      'insert into trellis.api_key (id, key_hash, user_id, name, scopes, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)',
      [id, hashToken(key), userId, name, scopes, ctx.now(), expiresAt],
    );
    await deps.audit.append(tx, {
      kind: 'apiKey.created',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: {
        id,
        user: userId,
        name,
        scopes: scopes === null ? null : [...scopes],
        expiresAt: expiresAt?.toISOString() ?? null,
      },
    });
  });
  return { id, key };
}

/** The actor's own keys, newest first; never the secrets. */
export async function listApiKeys(deps: IdentityDeps, ctx: Ctx): Promise<ApiKeyInfo[]> {
  return keysOf(deps, requireUser(ctx).userId);
}

/** Keys of a user, newest first. */
export async function keysOf(deps: IdentityDeps, userId: string): Promise<ApiKeyInfo[]> {
  const rows = await deps.database.query<{
    id: string;
    name: string;
    scopes: string[] | null;
    created_at: Date;
    expires_at: Date | null;
    last_used_at: Date | null;
  }>({
    text: 'select id, name, scopes, created_at, expires_at, last_used_at from trellis.api_key where user_id = $1 order by created_at desc, id desc',
    values: [userId],
  });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }));
}

/** Ends one of the actor's own keys at once. Throws api_key.not_found. */
export async function deleteApiKey(deps: IdentityDeps, ctx: Ctx, input: { id: string }): Promise<void> {
  const actor = requireSession(ctx);
  await deps.database.transaction(async (tx) => {
    const ended = await tx.query<{ name: string }>(
      'delete from trellis.api_key where id::text = $1 and user_id = $2 returning name',
      [input.id, actor.userId],
    );
    if (ended.length === 0) throw missing('api_key.not_found', 'There is no such API key.');
    await deps.audit.append(tx, {
      kind: 'apiKey.deleted',
      actor: actor.userId,
      requestId: ctx.requestId,
      payload: { id: input.id, name: ended[0].name },
    });
  });
  deps.cache.renew(input.id, null);
}

/** Throws api_key.invalid for a scope that is not `read`, `write`, `<entity>:read`, `<entity>:write`, or `scim` of a service account. */
export function checkScopes(scopes: readonly string[], entityIds: Iterable<string>, isService = false): void {
  const entities = new Set(entityIds);
  if (scopes.length === 0 || scopes.length > 200)
    throw refusal('/scopes', 'scopes must name 1 to 200 scopes; leave it out for a key that is not narrowed.');
  scopes.forEach((scope, index) => {
    if (scope === 'read' || scope === 'write') return;
    if (scope === 'scim' && isService) return;
    if (scope === 'scim')
      throw refusal(
        `/scopes/${index}`,
        'A directory (SCIM) works by the key of a service account, not by that of a person.',
      );
    const [entity, verb, ...rest] = scope.split(':');
    if (rest.length > 0 || (verb !== 'read' && verb !== 'write'))
      throw refusal(
        `/scopes/${index}`,
        `"${scope}" is no scope. Scopes are read, write, <entity>:read and <entity>:write.`,
      );
    if (!entities.has(entity))
      throw refusal(`/scopes/${index}`, `There is no entity "${entity}".${didYouMean(entity, entities)}`);
  });
}

function refusal(path: string, message: string): Error {
  return invalid('api_key.invalid', message, { issues: [{ path, code: 'api_key.invalid', message }] });
}
