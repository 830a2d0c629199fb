import { isUuid } from '../base/ids.js';
import type { SqlValues } from '../query/index.js';
import type { Actor, UserActor } from '../sdk/index.js';

/** Advisory lock that writers share and a catalog apply takes alone. */
export const CATALOG_LOCK = `hashtext('trellis.catalog')`;

/**
 * Columns `epoch` and `security` that every read carries: the catalog the statement was made for, and the security epoch
 * of the credential, null where session, key or user are gone. Compared by `guardVerdict`.
 */
export function guardSql(sql: SqlValues, actor: Actor): string {
  const security = actor.kind === 'system' ? 'null' : securitySql(actor, (id) => sql.param(id, 'uuid'));
  return `(select e.catalog_epoch from trellis.epoch e) as epoch, ${security} as security`;
}

/** The lock by itself, for a write that is one statement: it goes ahead of it and carries `guardSql` and `guardTest`. */
export function openingLock(actor: Actor): string {
  return `select pg_advisory_xact_lock_shared(${CATALOG_LOCK})${actingSql(actor)}`;
}

/** Tells the transaction who acts as somebody else: each row of history that it writes says so by default. */
function actingSql({ actedBy }: Actor): string {
  return actedBy ? `, set_config('trellis.acted_by', ${inlineId(actedBy.userId).replace('::uuid', '')}, true)` : '';
}

function inlineId(id: string): string {
  if (!isUuid(id)) throw new TypeError('an actor id is no uuid');
  return `'${id}'::uuid`;
}

/** SQL that is true where `guardVerdict` would say ok, over the columns `guardSql` makes. */
export function guardTest(sql: SqlValues, actor: Actor, catalogEpoch: number, alias: string): string {
  const epoch = `${alias}.epoch = ${sql.param(catalogEpoch, 'bigint')}`;
  return actor.kind === 'system'
    ? epoch
    : `${epoch} and ${alias}.security = ${sql.param(actor.securityEpoch, 'bigint')}`;
}

/** The opening of a writing transaction: the shared lock first, then the epochs in a snapshot of their own. */
export function openingSql(actor: Actor): string {
  const security = actor.kind === 'system' ? 'null' : securitySql(actor, inlineId);
  return `${openingLock(actor)}; select e.catalog_epoch as epoch, ${security} as security from trellis.epoch e;`;
}

/** `catalog`: reload and repeat. `actor`: load the actor again and repeat. */
export function guardVerdict(
  row: Record<string, unknown>,
  actor: Actor,
  catalogEpoch: number,
): 'ok' | 'catalog' | 'actor' {
  if (actor.kind === 'user' && Number(row.security ?? -1) !== actor.securityEpoch) return 'actor';
  return Number(row.epoch) === catalogEpoch ? 'ok' : 'catalog';
}

function securitySql(actor: UserActor, id: (value: string) => string): string {
  if (actor.credential === null)
    return `(select c.security_epoch from trellis.credential c where c.user_id = ${id(actor.userId)} and c.active)`;
  const table = actor.credential.kind === 'session' ? 'session' : 'api_key';
  const holder = `from trellis.${table} k where k.id = ${id(actor.credential.id)} and (k.expires_at is null or k.expires_at > now())`;
  // Row by row, whatever the planner makes of the sizes: a join of the two may walk all credentials up to this one.
  if (!actor.actedBy)
    return `(select c.security_epoch from trellis.credential c where c.active and c.user_id = (select k.user_id ${holder}))`;
  // Who acts as somebody does so while neither side has changed.
  return `(select c.security_epoch from trellis.credential c where c.active and (c.user_id, c.security_epoch) = (select k.user_id, k.own_epoch ${holder} and exists (select 1 from trellis.credential a where a.user_id = k.acting_user and a.active and a.security_epoch = k.acting_epoch)))`;
}
