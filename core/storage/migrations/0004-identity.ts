import type { Migration } from './migration.js';

/** What signing in needs beside the spine: the login name beside the credential, teams, and the counters of failed attempts. */
export const identity: Migration = {
  id: '0004-identity',
  up: /* sql */ `
-- Copies of core.user kept by a hook in the same transaction, so that signing in is one statement.
alter table trellis.credential add column email text collate "C";
alter table trellis.credential add column name text not null default '';
alter table trellis.credential add column locale text;
alter table trellis.credential add column zone text;
create unique index credential_email on trellis.credential (email) where email is not null;

create table trellis.team_member (
  team_id uuid not null,
  user_id uuid not null,
  primary key (team_id, user_id)
);
create index team_member_user on trellis.team_member (user_id);

-- Counters only: lost after a crash of the server, which is fine. Keys are hashes of account and address.
create unlogged table trellis.sign_in_attempt (
  key bytea primary key,
  attempts integer not null,
  since timestamptz not null
);
create index session_expiry on trellis.session (expires_at);
create index idempotency_age on trellis.idempotency (created_at);
`,
};
