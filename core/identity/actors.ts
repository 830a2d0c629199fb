import { denied } from '../base/errors.js';
import type { Tx, UserActor } from '../sdk/index.js';
import type { IdentityDeps } from './deps.js';
import { hashToken, isApiKey, isSessionToken } from './tokens.js';
import type { Authenticated } from './types.js';

/** The holder of a token as last loaded, unless its time is over. */
export function cachedHolder(deps: IdentityDeps, token: string): Authenticated | undefined {
  const entry = deps.cache.get(hashToken(token).toString('base64'));
  if (
    entry === undefined ||
    (entry.expiresAt !== null &&
      (entry.actor.credential.kind === 'apiKey' || entry.actor.actedBy) &&
      entry.expiresAt.getTime() <= Date.now())
  )
    return undefined;
  touch(deps, entry);
  return entry;
}

/** The holder of a session token or API key as of now, or null. One statement. */
export async function authenticate(deps: IdentityDeps, token: string): Promise<Authenticated | null> {
  const kind = isSessionToken(token) ? 'session' : isApiKey(token) ? 'apiKey' : null;
  if (kind === null) return null;
  const hash = hashToken(token);
  const key = hash.toString('base64');
  const before = deps.cache.get(key);
  const [row] = await deps.database.query<HolderRow>({
    text: `${holderText[kind]} and h.${kind === 'session' ? 'token_hash' : 'key_hash'} = $1`,
    values: [hash],
  });
  if (row === undefined) {
    if (before) deps.cache.renew(before.actor.credential.id, null);
    return null;
  }
  const entry = toAuthenticated(kind, row);
  deps.cache.set(key, entry);
  touch(deps, entry);
  return entry;
}

/** A session in which somebody acts as the user does not slide: it ends after its hour. */
function touch(deps: IdentityDeps, { actor }: Authenticated): void {
  if (!actor.actedBy) deps.toucher.touch(actor.credential);
}

/** The user as of now, or null where there is none, it is not active, or its credential has ended. Renews the cache. */
export async function loadActor(
  deps: IdentityDeps,
  input: { userId: string; credential: UserActor['credential']; scopes: readonly string[] | null },
): Promise<UserActor | null> {
  const { userId, credential } = input;
  if (credential === null) {
    const text = `select ${userColumns} from trellis.credential c where c.active and c.user_id = $1`;
    const [row] = await deps.database.query<UserRow>({ text, values: [userId] });
    return row === undefined ? null : { ...toActor(row), credential: null, scopes: input.scopes };
  }
  const [row] = await deps.database.query<HolderRow>({
    text: `${holderText[credential.kind]} and h.id = $1 and h.user_id = $2`,
    values: [credential.id, userId],
  });
  const entry = row === undefined ? null : toAuthenticated(credential.kind, row);
  deps.cache.renew(credential.id, entry);
  if (entry?.mustEnrol) throw mustSetUp();
  return entry?.actor ?? null;
}

/** Users by id as the transaction sees them, without a credential; those that are not active are left out. One statement. */
export async function loadActors(tx: Tx, userIds: readonly string[]): Promise<Map<string, UserActor>> {
  const text = `select ${userColumns} from trellis.credential c where c.active and c.user_id = any($1::uuid[])`;
  const rows = userIds.length === 0 ? [] : await tx.query<UserRow>(text, [userIds]);
  return new Map(rows.map((row) => [row.user_id, { ...toActor(row), credential: null, scopes: null }]));
}

/** The answer to whoever has to set up a second factor first. */
export function mustSetUp(): Error {
  return denied('auth.second_factor_required', 'Set up a second factor first.', {
    hint: 'POST /api/session/totp, then /api/session/totp/confirm.',
  });
}

interface UserRow {
  user_id: string;
  name: string;
  email: string | null;
  locale: string | null;
  zone: string | null;
  must_change: boolean;
  must_enrol?: boolean;
  security_epoch: string;
  roles: string[];
  groups: string[];
  team_names: string[];
  territory_names: string[];
  has_reports: boolean;
  shared: string[];
}

interface HolderRow extends UserRow {
  acting_user?: string | null;
  acting_name?: string | null;
  id: string;
  expires_at: Date | null;
  scopes: string[] | null;
  catalog_epoch: string;
}

/** Territories of the user `c`, and those below them. */
const territoriesSql = `select w.territory_id from data.core__territory_member t join trellis.territory_tree w on w.above_id = t.territory
    where t."user" = c.user_id and t.deleted_at is null`;

/** Ids of whoever may own records on behalf of the user `c`, itself left out. */
const groupsSql = `select m.team_id from trellis.team_member m where m.user_id = c.user_id union ${territoriesSql}`;

const userColumns = `c.user_id, c.name, c.email, c.locale, c.zone, c.must_change, c.security_epoch,
  array(select r.role from trellis.user_role r where r.user_id = c.user_id order by r.role) as roles,
  array(${groupsSql} order by 1) as groups,
  array(select t.name from trellis.team_member m join data.core__team t on t.id = m.team_id and t.deleted_at is null where m.user_id = c.user_id order by t.name) as team_names,
  array(select t.name from (${territoriesSql}) m join data.core__territory t on t.id = m.territory_id and t.deleted_at is null order by t.name) as territory_names,
  exists (select from trellis.report p where p.superior_id = c.user_id) as has_reports,
  array(select distinct s.record__entity from data.core__share s where s.record__entity is not null and (s.principal = c.user_id
    or s.principal in (${groupsSql}))) as shared`;

/** A role demands a second factor of whoever signs in by password, and there is none yet. */
const mustEnrol = `(h.method = 'password'
  and exists (select 1 from trellis.user_role r, trellis.sign_in_policy p where r.user_id = c.user_id and r.role = any(p.factor_roles))
  and not exists (select 1 from trellis.totp t where t.user_id = c.user_id and t.confirmed_at is not null))`;

const holderColumns = `${userColumns}, h.id, h.expires_at, (select e.catalog_epoch from trellis.epoch e) as catalog_epoch`;

const holderText = {
  session: `select ${holderColumns}, null::text[] as scopes, ${mustEnrol} as must_enrol, h.acting_user, a.name as acting_name
from trellis.session h join trellis.credential c on c.user_id = h.user_id and c.active left join trellis.credential a on a.user_id = h.acting_user
where h.expires_at > now() and (h.acting_user is null or (a.active and a.security_epoch = h.acting_epoch and c.security_epoch = h.own_epoch))`,
  apiKey: `select ${holderColumns}, h.scopes
from trellis.api_key h join trellis.credential c on c.user_id = h.user_id and c.active where (h.expires_at is null or h.expires_at > now())`,
} as const;

function toAuthenticated(kind: 'session' | 'apiKey', row: HolderRow): Authenticated {
  const actedBy = row.acting_user ? { userId: row.acting_user, name: row.acting_name ?? '' } : null;
  return {
    actor: { ...toActor(row), credential: { kind, id: row.id }, scopes: row.scopes, actedBy },
    email: row.email ?? '',
    locale: row.locale,
    zone: row.zone,
    // What the user has yet to do is not done by somebody else.
    mustChange: row.must_change && actedBy === null,
    mustEnrol: row.must_enrol ?? false,
    expiresAt: row.expires_at,
    catalogEpoch: Number(row.catalog_epoch),
  };
}

function toActor(row: UserRow): Omit<UserActor, 'credential' | 'scopes'> {
  return {
    kind: 'user',
    userId: row.user_id,
    name: row.name,
    roles: row.roles,
    principals: [row.user_id, ...row.groups],
    reach: {
      hasReports: row.has_reports,
      teams: row.team_names,
      territories: row.territory_names,
      shared: row.shared,
    },
    securityEpoch: Number(row.security_epoch),
  };
}
