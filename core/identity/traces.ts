import type { PersonalTraces } from '../base/personal-traces.js';

const of = 'user_id = any($1::uuid[])';
const tables = [
  'session',
  'api_key',
  'sign_in_link',
  'totp',
  'recovery_code',
  'passkey',
  'external_identity',
  'directory_user',
  'directory_member',
  'user_role',
] as const;
const mine = `${of} and $2::text[] is not null`;
/** The row stays, so that what the user did stays somebody's; it says nothing of the person, and opens no door. */
const account = `trellis.credential where ${mine} and (email is not null or active or name <> '—')`;

/** How a user signs in, from where, and what it is called; of records that are no users nothing. */
export const signInTraces: PersonalTraces = {
  place: 'signIn',
  countText: `select (select count(*) from ${account})::int + ${tables.map((table) => `(select count(*) from trellis.${table} where ${of})::int`).join(' + ')} as n`,
  readText: `select json_build_object('account', json_build_object('name', name, 'email', email, 'active', active, 'kind', kind),
  'roles', array(select role from trellis.user_role r where r.user_id = c.user_id order by role),
  'sessions', (select coalesce(json_agg(json_build_object('since', created_at, 'lastSeenAt', last_seen_at, 'address', address, 'userAgent', user_agent, 'method', method) order by created_at), '[]') from trellis.session s where s.user_id = c.user_id),
  'apiKeys', (select coalesce(json_agg(json_build_object('name', name, 'scopes', scopes, 'createdAt', created_at, 'lastUsedAt', last_used_at) order by created_at), '[]') from trellis.api_key k where k.user_id = c.user_id),
  'passkeys', (select coalesce(json_agg(json_build_object('name', name, 'createdAt', created_at, 'lastUsedAt', last_used_at) order by created_at), '[]') from trellis.passkey p where p.user_id = c.user_id),
  'elsewhere', (select coalesce(json_agg(json_build_object('issuer', issuer, 'subject', subject, 'since', created_at) order by created_at), '[]') from trellis.external_identity x where x.user_id = c.user_id),
  'directory', (select json_build_object('userName', user_name, 'externalId', external_id, 'data', data) from trellis.directory_user d where d.user_id = c.user_id)) as data
from trellis.credential c where ${mine}`,
  busyText: null,
  eraseTexts: [
    ...tables.map((table) => `delete from trellis.${table} where ${mine}`),
    `update trellis.credential set email = null, name = '—', password_hash = null, locale = null, zone = null, active = false, must_change = false,
  security_epoch = security_epoch + 1, updated_at = now() where ${mine}`,
    'update data.core__user set active = false where id = any($1::uuid[]) and $2::text[] is not null',
  ],
};
