import type { Migration } from './migration.js';

/** Requests about personal data, who was erased, legal holds, restrictions, retention; what mails are about. */
export const privacy: Migration = {
  id: '0025-privacy',
  up: /* sql */ `
create table trellis.privacy_request (
  id uuid primary key,
  kind text not null check (kind in ('erase', 'export')),
  state text not null check (state in ('planned', 'running', 'done', 'failed', 'expired')),
  -- In words of the administrator: never the person's name.
  reason text not null,
  -- Counts, rules and reasons; no personal data.
  plan jsonb not null,
  -- json, not jsonb: its hash is over the keys in their order.
  certificate json,
  created_at timestamptz(3) not null,
  created_by uuid,
  finished_at timestamptz(3),
  -- Of an export: not to be had after this instant.
  expires_at timestamptz(3),
  error text
);
create index privacy_request_at on trellis.privacy_request (created_at desc, id desc);

create table trellis.privacy_request_subject (
  request_id uuid not null references trellis.privacy_request on delete cascade,
  entity text not null,
  record_id uuid not null,
  -- held: a legal hold stood in the way. rows: rows and traces are gone, contents of files not yet.
  state text not null default 'waiting' check (state in ('waiting', 'rows', 'done', 'held')),
  blobs text[] not null default '{}',
  counts jsonb,
  primary key (request_id, entity, record_id)
);
create index privacy_request_subject_record on trellis.privacy_request_subject (record_id);

-- Who was erased, by ids alone: an older backup that brings them back is told so.
create table trellis.erased_subject (
  record_id uuid primary key,
  entity text not null,
  erased_at timestamptz(3) not null,
  request_id uuid
);

-- What the law keeps for a while, and until when; anonymised then.
create table trellis.privacy_kept (
  record_id uuid primary key,
  entity text not null,
  request_id uuid not null,
  until timestamptz(3) not null
);
create index privacy_kept_until on trellis.privacy_kept (until);

create table trellis.privacy_mark (
  id uuid primary key,
  kind text not null check (kind in ('hold', 'restriction')),
  entity text not null,
  record_id uuid not null,
  reason text not null,
  created_at timestamptz(3) not null,
  created_by uuid,
  lifted_at timestamptz(3),
  lifted_by uuid
);
create unique index privacy_mark_standing on trellis.privacy_mark (record_id, kind) where lifted_at is null;

create table trellis.retention_rule (
  id uuid primary key,
  entity text not null,
  -- A date or an instant of the record.
  field text not null,
  after_days integer not null check (after_days > 0),
  -- CEL; empty: all records.
  filter text not null default '',
  action text not null check (action in ('delete', 'anonymise', 'erase')),
  active boolean not null,
  created_at timestamptz(3) not null,
  created_by uuid,
  last_run_at timestamptz(3),
  last_count integer
);

-- What a mail is about: asked once more when it is sent.
alter table trellis.mail add column purpose text, add column subject_entity text, add column subject_id uuid;
create index mail_subject on trellis.mail (subject_id) where subject_id is not null;
create index mail_address on trellis.mail (address);
`,
};
