import type { Migration } from './migration.js';

/** Users and groups as a directory elsewhere names them (SCIM), and sessions in which an administrator acts as somebody. */
export const directory: Migration = {
  id: '0026-directory',
  up: /* sql */ `
-- What a directory says of a user, beside the record. gone_at: taken out there; the user is suspended and comes back under the same id.
create table trellis.directory_user (
  user_id uuid primary key references trellis.credential on delete cascade,
  -- As written there, and as it is compared.
  user_name text not null,
  name_key text collate "C" not null,
  external_id text collate "C",
  data jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  gone_at timestamptz
);
create unique index directory_user_name on trellis.directory_user (name_key);
create index directory_user_external on trellis.directory_user (external_id) where external_id is not null;

create table trellis.directory_group (
  team_id uuid primary key,
  external_id text collate "C",
  updated_at timestamptz not null
);
-- Who is in a team because the directory says so: of these alone a team gives roles.
create table trellis.directory_member (
  team_id uuid not null,
  user_id uuid not null references trellis.credential on delete cascade,
  primary key (team_id, user_id)
);
create index directory_member_user on trellis.directory_member (user_id);
create table trellis.directory_role (
  team_id uuid not null,
  role text not null,
  primary key (team_id, role)
);

-- An administrator acts as the session's user; it ends with the session that began it, and when either side's epoch moves on.
alter table trellis.session
  add column acting_user uuid references trellis.credential on delete cascade,
  add column acting_session uuid references trellis.session on delete cascade,
  add column acting_epoch bigint,
  add column own_epoch bigint;
create index session_acting on trellis.session (acting_session) where acting_session is not null;
alter table trellis.sign_in_policy add column impersonation boolean not null default true;
-- Set for the transaction of whoever acts as somebody, so that no writer of history can forget it.
alter table trellis.history add column acted_by uuid;
alter table trellis.history alter column acted_by set default nullif(current_setting('trellis.acted_by', true), '')::uuid;
`,
};
