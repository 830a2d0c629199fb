import type { Migration } from './migration.js';

/** Links by which somebody chooses a password; people and service accounts; second factors, passkeys, sign-in elsewhere. */
export const signIn: Migration = {
  id: '0022-sign-in',
  up: /* sql */ `
-- A service account has keys and nothing else to sign in with.
alter table trellis.credential add column kind text not null default 'person' check (kind in ('person', 'service'));

-- Single use: taken out by whoever uses it. The address it was made for, so that a changed address voids it.
create table trellis.sign_in_link (
  id uuid primary key,
  token_hash bytea not null unique,
  user_id uuid not null references trellis.credential on delete cascade,
  kind text not null check (kind in ('invite', 'reset')),
  email text collate "C" not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index sign_in_link_user on trellis.sign_in_link (user_id);

-- The secret is sealed with the workspace's key. No code of a step up to last_step counts again.
create table trellis.totp (
  user_id uuid primary key references trellis.credential on delete cascade,
  sealed text not null,
  created_at timestamptz not null,
  -- Null until the first code was right: then it counts.
  confirmed_at timestamptz,
  last_step bigint
);
create table trellis.recovery_code (
  user_id uuid not null references trellis.credential on delete cascade,
  code_hash bytea not null,
  primary key (user_id, code_hash)
);
create table trellis.sign_in_policy (
  id boolean primary key default true check (id),
  factor_roles text[] not null default '{}'
);
insert into trellis.sign_in_policy default values;
create table trellis.passkey (
  id uuid primary key,
  -- Base64url, as the authenticator names it.
  credential_id text collate "C" not null unique,
  user_id uuid not null references trellis.credential on delete cascade,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkey_user on trellis.passkey (user_id);
-- Challenges that were answered; kept until they would have ended, so that no answer counts twice.
create table trellis.spent_challenge (
  hash bytea primary key,
  until timestamptz not null
);
-- Places that say who somebody is (OpenID Connect); the client secret is sealed.
create table trellis.identity_provider (
  id text primary key,
  title text not null,
  active boolean not null,
  settings jsonb not null,
  sealed text,
  updated_at timestamptz not null
);
-- Who somebody is there: the issuer and its subject, which no change of a mail address touches.
create table trellis.external_identity (
  issuer text not null,
  subject text not null,
  user_id uuid not null references trellis.credential on delete cascade,
  created_at timestamptz not null,
  primary key (issuer, subject)
);
create index external_identity_user on trellis.external_identity (user_id);
-- How the session came about: those by password may need a second factor.
alter table trellis.session add column method text not null default 'password';
`,
};
