import type { Migration } from './migration.js';

/** The queue of mails, notifications with what users want of them, and the counters of public doors. */
export const mail: Migration = {
  id: '0021-mail',
  up: /* sql */ `
create table trellis.mail (
  id uuid primary key,
  idempotency_key text collate "C",
  template text not null,
  -- As shown, and as given to the server.
  recipient text not null,
  address text not null,
  subject text not null,
  -- Encrypted; gone once the mail was sent.
  content text,
  state text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'failed', 'unknown', 'cancelled')),
  -- Refusals of this mail by a server that answered.
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  expires_at timestamptz,
  -- Who sends it: a token for each attempt, and the job.
  claim uuid,
  claimed_by uuid,
  claimed_at timestamptz,
  -- From here on the server may have it.
  data_began_at timestamptz,
  error text,
  created_at timestamptz not null,
  created_by uuid,
  sent_at timestamptz
);
create unique index mail_key on trellis.mail (idempotency_key) where idempotency_key is not null;
create index mail_due on trellis.mail (next_attempt_at, id) where state = 'waiting';
create index mail_sending on trellis.mail (claimed_at) where state = 'sending';
create index mail_newest on trellis.mail (created_at desc, id desc);

create table trellis.notification (
  id uuid primary key,
  user_id uuid not null,
  kind text not null,
  -- Null: about no record.
  entity text,
  record_id uuid,
  data jsonb not null,
  idempotency_key text collate "C",
  in_app boolean not null,
  created_at timestamptz not null,
  read_at timestamptz
);
create index notification_user on trellis.notification (user_id, created_at desc, id desc) where in_app;
create index notification_unread on trellis.notification (user_id, created_at desc, id desc) where in_app and read_at is null;
create index notification_age on trellis.notification (created_at);
create unique index notification_key on trellis.notification (user_id, idempotency_key) where idempotency_key is not null;

create table trellis.notification_preference (
  user_id uuid not null,
  kind text not null,
  channel text not null check (channel in ('app', 'mail')),
  wanted boolean not null,
  primary key (user_id, kind, channel)
);

-- Counters only: lost after a crash of the server, which is fine. Keys are hashes of door and address.
create unlogged table trellis.public_call (
  key bytea primary key,
  calls integer not null,
  since timestamptz not null,
  until timestamptz not null
);
create index public_call_until on trellis.public_call (until);
`,
};
